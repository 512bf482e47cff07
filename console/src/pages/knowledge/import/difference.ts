/** What changed between two texts: lines first, and words within lines that were changed; long runs that did not change are folded. */
import { diffLines, diffWordsWithSpace } from 'diff';

export interface Piece {
  kind: 'same' | 'added' | 'removed' | 'folded';
  text: string;
}

/** Unchanged lines that stay in sight beside a change. */
const AROUND = 3;
const PATIENCE_MS = 500;

export function difference(before: string, after: string): Piece[] {
  const lines = diffLines(before, after, { timeout: PATIENCE_MS });
  if (!lines) return [{ kind: 'removed', text: before }, { kind: 'added', text: after }];
  const out: Piece[] = [];
  for (let i = 0; i < lines.length; i++) {
    const part = lines[i]!;
    const next = lines[i + 1];
    if (part.removed && next?.added) {
      const words = diffWordsWithSpace(part.value, next.value, { timeout: PATIENCE_MS });
      if (words) for (const w of words) out.push({ kind: w.added ? 'added' : w.removed ? 'removed' : 'same', text: w.value });
      else out.push({ kind: 'removed', text: part.value }, { kind: 'added', text: next.value });
      i++;
    } else if (part.added || part.removed) out.push({ kind: part.added ? 'added' : 'removed', text: part.value });
    else out.push(...folded(part.value, i === 0, i === lines.length - 1));
  }
  return out;
}

function folded(text: string, first: boolean, last: boolean): Piece[] {
  const lines = text.split(/(?<=\n)/);
  const [head, tail] = [first ? 0 : AROUND, last ? 0 : AROUND];
  if (lines.length <= head + tail + 2) return [{ kind: 'same', text }];
  const pieces: Piece[] = [
    { kind: 'same', text: lines.slice(0, head).join('') },
    { kind: 'folded', text: lines.slice(head, lines.length - tail).join('') },
    { kind: 'same', text: lines.slice(lines.length - tail).join('') },
  ];
  return pieces.filter((p) => p.text);
}
