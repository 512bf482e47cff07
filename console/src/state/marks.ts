/** Marks on a text (facts that stand in no article), kept in place while the text is edited. */
import type { Span } from '../api/types';

/** Where the marks are after `before` became `after`; a mark that the edit touched is gone. */
export function shift(marks: readonly Span[], before: string, after: string): Span[] {
  if (!marks.length || before === after) return [...marks];
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < most - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const end = before.length - tail; // the edit replaced before[head, end)
  const by = after.length - before.length;
  return marks.flatMap((m) => {
    if (m.end <= head) return [m];
    if (m.start >= end) return [{ ...m, start: m.start + by, end: m.end + by }];
    return [];
  });
}

export interface Piece {
  text: string;
  marked: boolean;
}

/** The text cut into marked and unmarked pieces. Marks that overlap or lie outside are made to fit. */
export function pieces(text: string, marks: readonly Span[]): Piece[] {
  const out: Piece[] = [];
  let at = 0;
  for (const m of [...marks].sort((a, b) => a.start - b.start)) {
    const start = Math.max(at, Math.min(m.start, text.length));
    const end = Math.min(m.end, text.length);
    if (end <= start) continue;
    if (start > at) out.push({ text: text.slice(at, start), marked: false });
    out.push({ text: text.slice(start, end), marked: true });
    at = end;
  }
  if (at < text.length) out.push({ text: text.slice(at), marked: false });
  return out;
}
