/** Short messages at the edge of the page, and what is read aloud. */
import { signal } from '@preact/signals';

export interface Toast {
  id: number;
  text: string;
  tone: 'ok' | 'bad';
  action?: { label: string; run: () => void };
}

export const toasts = signal<readonly Toast[]>([]);
/** The polite live region's words. */
export const spoken = signal('');

const STAYS = 6000;
const STAYS_BAD = 12_000;
let next = 1;

export function toast(text: string, tone: Toast['tone'] = 'ok', action?: Toast['action']): void {
  const id = next++;
  toasts.value = [...toasts.value.slice(-3), { id, text, tone, ...(action && { action }) }];
  setTimeout(() => dismiss(id), tone === 'bad' || action ? STAYS_BAD : STAYS);
}

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((x) => x.id !== id);
}

/** Has a screen reader say this when it comes to it; the focus stays where it is. */
export function announce(text: string): void {
  // The same sentence twice is to be read twice.
  spoken.value = text === spoken.value ? `${text} ` : text;
}

/** Shows why something failed. */
export function failed(err: unknown): void {
  toast(err instanceof Error ? err.message : String(err), 'bad');
}
