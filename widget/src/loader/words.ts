/** The few words that the loader itself says: open, close, new messages, not reachable, retry. */
const all: Record<string, string[]> = {
  en: ['Chat with us', 'Close chat', 'new messages', 'The chat cannot be reached right now.', 'Try again'],
  de: ['Chat mit uns', 'Chat schließen', 'neue Nachrichten', 'Der Chat ist gerade nicht erreichbar.', 'Erneut versuchen'],
  fr: ['Discuter avec nous', 'Fermer la discussion', 'nouveaux messages', 'La discussion est injoignable pour le moment.', 'Réessayer'],
  es: ['Hable con nosotros', 'Cerrar el chat', 'mensajes nuevos', 'Ahora no se puede acceder al chat.', 'Reintentar'],
};

export const wordsFor = (locale: string): string[] => all[locale.slice(0, 2).toLowerCase()] ?? all.en!;
