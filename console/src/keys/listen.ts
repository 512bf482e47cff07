/** The page's keys. Single keys act outside of fields only, and can be turned off (WCAG 2.1.4). */
import { preferences, standing } from '../state/session';
import { over, panelOpen } from '../state/view';
import { route } from '../state/router';
import { actions, backToList, openCursor, step } from './actions';

/** What is typed there goes into a field. */
export const typesIn = (el: Element | null): boolean =>
  el instanceof HTMLTextAreaElement || el instanceof HTMLSelectElement || (el instanceof HTMLInputElement && !['checkbox', 'radio', 'button'].includes(el.type)) || (el instanceof HTMLElement && el.isContentEditable);

function onKey(e: KeyboardEvent): void {
  if (e.defaultPrevented || e.isComposing || standing.value !== 'in') return;
  const mod = e.ctrlKey || e.metaKey;
  if (mod && !e.altKey && e.key.toLowerCase() === 'k') {
    e.preventDefault();
    over.value = over.value === 'palette' ? '' : 'palette';
    return;
  }
  if (over.value) return;
  if (e.altKey && !mod && (e.key === 'ArrowDown' || e.key === 'ArrowUp')) {
    e.preventDefault();
    step(e.key === 'ArrowDown' ? 1 : -1);
    return;
  }
  // Within a shadow root, as the editor of articles is, this is the field itself.
  const target = (e.composedPath()[0] ?? null) as Element | null;
  if (e.key === 'Escape') {
    if (panelOpen.value) panelOpen.value = false;
    else if (typesIn(target)) (target as HTMLElement).closest<HTMLElement>('[data-escape]')?.focus();
    else if (route.value.page === 'inbox' && route.value.id) backToList();
    return;
  }
  if (mod || e.altKey || typesIn(target)) return;
  if (e.key === 'Enter' && target?.id === 'list') {
    e.preventDefault();
    openCursor();
    return;
  }
  if (!preferences.value.single_keys) return;
  // What a button or a link does with a key is its own affair.
  if (e.key === ' ' || e.key === 'Enter') return;
  const a = actions().find((x) => x.key === e.key || (x.key && /[a-z]/.test(x.key) && !e.shiftKey && x.key === e.key.toLowerCase()));
  if (!a) return;
  e.preventDefault();
  a.run();
}

export function listenToKeys(): void {
  document.addEventListener('keydown', onKey);
}
