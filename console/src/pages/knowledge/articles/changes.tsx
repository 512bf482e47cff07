/** What changed between two texts, readable without colour: what was put in is underlined, what was taken out struck through, and both are said. */
import { useState } from 'preact/hooks';
import { textDiff, wordDiff, type Piece } from './diff';
import { PARTS, samePart, type Audience, type Content, type Part } from './types';
import { plural, t, tongue } from './words';

export function Pieces({ of }: { of: readonly Piece[] }) {
  return (
    <>
      {of.map((p, i) =>
        p.kind === 'same' ? (
          <span key={i}>{p.text}</span>
        ) : p.kind === 'added' ? (
          <ins key={i}>
            <span class="unseen">{t('diff_added')} </span>
            {p.text}
            <span class="unseen"> {t('diff_end')}</span>
          </ins>
        ) : (
          <del key={i}>
            <span class="unseen">{t('diff_removed')} </span>
            {p.text}
            <span class="unseen"> {t('diff_end')}</span>
          </del>
        ),
      )}
    </>
  );
}

const isHeading = (pieces: readonly Piece[]) => /^#{1,6}\s/.test(pieces.map((p) => p.text).join(''));

export function TextChanges({ before, after }: { before: string; after: string }) {
  const entries = textDiff(before, after);
  return (
    <div class="diff" tabIndex={0} role="region" aria-label={t('text_changes')}>
      {entries.map((e, i) =>
        e.kind === 'fold' ? (
          <Fold key={i} lines={e.lines} />
        ) : (
          <p key={i} class={`diff-line${e.changed ? ' changed' : ''}${isHeading(e.pieces) ? ' heading' : ''}`}>
            {e.pieces.length ? <Pieces of={e.pieces} /> : ' '}
          </p>
        ),
      )}
    </div>
  );
}

function Fold({ lines }: { lines: readonly string[] }) {
  const [open, setOpen] = useState(false);
  if (open)
    return (
      <>
        {lines.map((l, i) => (
          <p key={i} class={`diff-line${/^#{1,6}\s/.test(l) ? ' heading' : ''}`}>
            {l || ' '}
          </p>
        ))}
      </>
    );
  return (
    <button type="button" class="diff-fold" onClick={() => setOpen(true)}>
      {plural('lines_alike', lines.length)}
    </button>
  );
}

/** A part of an article but its text, in words. */
export function partWords(part: Part, c: Partial<Content>): string {
  const v = c[part];
  if (part === 'tags') return (c.tags ?? []).join(', ');
  if (part === 'locale') return tongue(String(v ?? ''));
  if (part === 'audience') return t(`audience_${(v as Audience) ?? 'everyone'}`);
  return String(v ?? '');
}

/** Everything that differs between two contents; of a version, what it does not know is left out. */
export function Changes({ before, after }: { before: Partial<Content>; after: Partial<Content> }) {
  const parts = PARTS.filter((p) => p !== 'markdown' && before[p] !== undefined && after[p] !== undefined && !samePart(before as Content, after as Content, p));
  const [a, b] = [before.markdown ?? '', after.markdown ?? ''];
  if (!parts.length && a === b) return <p class="hint">{t('no_difference')}</p>;
  return (
    <>
      {parts.length > 0 && (
        <dl class="part-changes">
          {parts.map((p) => (
            <div key={p}>
              <dt>{t(`part_${p}` as 'part_title')}</dt>
              <dd>
                <Pieces of={wordDiff(partWords(p, before), partWords(p, after))} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {a === b ? <p class="hint">{t('text_alike')}</p> : <TextChanges before={a} after={b} />}
    </>
  );
}
