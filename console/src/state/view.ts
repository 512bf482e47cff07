/** What is open over or beside the work: dialogs, the side panel, where the focus is to go. */
import { signal } from '@preact/signals';
import { shelf } from './shelf';

export type Over = '' | 'palette' | 'keys' | 'transfer' | 'tags' | 'save-filter';
export const over = signal<Over>('');

/** The side panel, where there is room for it only on demand. */
export const panelOpen = signal(false);
/** The side panel, where there is room for all three panes. */
export const panelShown = signal(shelf.get('panel') !== 'hidden');

export const wide = signal(matchMedia('(min-width: 1200px)').matches);
export const phone = signal(matchMedia('(max-width: 759px)').matches);

export function watchWidth(): void {
  matchMedia('(min-width: 1200px)').addEventListener('change', (e) => (wide.value = e.matches));
  matchMedia('(max-width: 759px)').addEventListener('change', (e) => (phone.value = e.matches));
}

export function togglePanel(): void {
  if (wide.value) {
    panelShown.value = !panelShown.value;
    shelf.set('panel', panelShown.value ? 'shown' : 'hidden');
  } else panelOpen.value = !panelOpen.value;
}

/** The conversation that the list's cursor is on. */
export const cursor = signal('');

/** Opening a conversation puts the focus into its composer: a wish that the composer fulfils. */
export const wantComposer = signal(false);

export const byId = (id: string) => document.getElementById(id);

export function focusComposer(): void {
  const field = byId('composer') as HTMLTextAreaElement | null;
  if (!field) {
    wantComposer.value = true;
    return;
  }
  field.focus({ preventScroll: true });
}
