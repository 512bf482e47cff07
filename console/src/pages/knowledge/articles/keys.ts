/** Single keys on the list of articles, for those who have them turned on. */
import { useEffect } from 'preact/hooks';
import { typesIn } from '../../../keys/listen';
import { preferences } from '../../../state/session';
import { over } from '../../../state/view';

const links = () => [...document.querySelectorAll<HTMLElement>('.article-title')];

/** Moves the focus by so many titles, from the one that has it. */
export function stepTitles(by: number): void {
  const all = links();
  const at = all.indexOf(document.activeElement as HTMLElement);
  all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + by))]?.focus();
}

/** `n` writes a new one, `/` searches, `j` and `k` go through the titles. */
export function useListKeys(make: () => void): void {
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (e.defaultPrevented || e.isComposing || e.ctrlKey || e.metaKey || e.altKey || over.value || !preferences.value.single_keys) return;
      if (typesIn(e.composedPath()[0] as Element)) return;
      const run = { n: make, '/': () => document.querySelector<HTMLElement>('.filters .search input')?.focus(), j: () => stepTitles(1), k: () => stepTitles(-1) }[e.key];
      if (!run) return;
      e.preventDefault();
      run();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}
