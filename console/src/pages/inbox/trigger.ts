/** What is being asked for at the caret: `/` a macro, `#` an article, `@` a colleague (in notes). */
import type { Mode } from '../../state/composer';

export interface Trigger {
  kind: 'macro' | 'article' | 'mention';
  query: string;
  /** Where the mark itself stands in the text. */
  start: number;
}

const MOST = 40;

/** Finds the trigger before the caret; a mark counts only at a word's beginning. */
export function triggerAt(text: string, caret: number, mode: Mode): Trigger | null {
  const line = text.slice(0, caret);
  const found = /(?:^|\s)(?:([/@])(\S*)|(#)([^\n#]*))$/u.exec(line);
  if (!found) return null;
  const mark = found[1] ?? found[3]!;
  const query = found[2] ?? found[4] ?? '';
  if (query.length > MOST) return null;
  // "#1001" is an order, not a search; neither is "# " the beginning of one.
  if (mark === '#' && (/^\d+\b/.test(query) || /^\s/.test(query))) return null;
  const start = caret - query.length - 1;
  if (mark === '@') return mode === 'note' ? { kind: 'mention', query, start } : null;
  if (mode === 'note' && mark === '/') return null;
  return { kind: mark === '/' ? 'macro' : 'article', query, start };
}

/** Fills in what a macro leaves open. What is not known stays as it is, to be seen. */
export function fill(text: string, known: { shopper: string; agent: string; shop: string }): string {
  return text.replace(/\{(shopper|agent|shop)\}/g, (whole, key: 'shopper' | 'agent' | 'shop') => known[key] || whole);
}
