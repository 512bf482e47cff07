/**
 * Somebody else saved while one was writing: their change and one's own, put together where they
 * touch different places, and to be decided where they do not. Whatever is decided, no text is lost.
 */
import { useState } from 'preact/hooks';
import { moment, t as shared } from '../../../i18n';
import { me } from '../../../state/session';
import { toast } from '../../../state/toasts';
import { Button } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { Segments } from '../../../ui/field';
import { Menu } from '../../../ui/menu';
import type { Desk } from './article';
import { Changes, partWords, Pieces } from './changes';
import { wordDiff } from './diff';
import { merge, type Choice, type Hunk } from './merge';
import { content, samePart, type Content, type Draft, type Part } from './types';
import { plural, t } from './words';

type Look = 'together' | 'theirs' | 'mine';

export function Meanwhile({ desk, theirs, close }: { desk: Desk; theirs: Draft; close: () => void }) {
  const m = desk.manuscript;
  const [look, setLook] = useState<Look>('together');
  const [choices, setChoices] = useState<Record<number, Choice>>({});
  const [chosen, setChosen] = useState<Partial<Record<Part, Choice>>>({});
  const [busy, setBusy] = useState(false);
  const base = content(m.base.value);
  const mine = m.mine;
  const other = content(theirs);
  const merged = merge(base, mine, other, choices, chosen);
  const open =
    merged.hunks.filter((h, i) => h.kind === 'both' && !choices[i]).length + merged.parts.filter((p) => p.by === 'both' && !chosen[p.part]).length;
  const name = theirs.by || t('somebody');
  const self = me.value?.name ?? shared('you');

  const settle = async (decided: Content, aside: { by: string; content: Content }[], said: string) => {
    if (busy) return;
    setBusy(true);
    const saved = await m.settle(decided, aside);
    setBusy(false);
    if (saved) toast(said);
  };
  const together = () => {
    // Where one was chosen over the other, both whole texts are kept beside.
    const gone = Object.values(choices).concat(Object.values(chosen) as Choice[]);
    const aside = [...(gone.includes('mine') ? [{ by: name, content: other }] : []), ...(gone.includes('theirs') ? [{ by: self, content: mine }] : [])];
    void settle(merged.content, aside, t('said_together'));
  };

  return (
    <Dialog title={t('met_title', { name })} close={close} wide>
      <p class="lead">
        {t(merged.clean ? 'met_clean' : 'met_open', { name, when: moment(theirs.updated_at) })} {!merged.clean && plural('to_decide', open)}
      </p>
      <Segments
        label={t('compare')}
        value={look}
        options={[
          { value: 'together', label: t('together') },
          { value: 'theirs', label: t('change_of', { name }) },
          { value: 'mine', label: t('my_change') },
        ]}
        change={setLook}
      />
      {look === 'theirs' && <Changes before={base} after={other} />}
      {look === 'mine' && <Changes before={base} after={mine} />}
      {look === 'together' && (
        <>
          <Parts merged={merged} base={base} mine={mine} theirs={other} chosen={chosen} choose={(p, c) => setChosen({ ...chosen, [p]: c })} name={name} />
          <div class="diff merge" tabIndex={0} role="region" aria-label={t('together')}>
            {merged.hunks.map((h, i) => (
              <Piece key={i} hunk={h} first={i === 0} last={i === merged.hunks.length - 1} choice={choices[i]} choose={(c) => setChoices({ ...choices, [i]: c })} name={name} />
            ))}
          </div>
        </>
      )}
      <div class="form-end">
        <Menu
          label={t('only_one')}
          look="button ghost"
          side="start"
          up
          items={[
            { label: t('only_mine'), hint: t('only_mine_hint', { name }), run: () => void settle(mine, [{ by: name, content: other }], t('said_mine', { name })) },
            { label: t('only_theirs', { name }), hint: t('only_theirs_hint'), run: () => void settle(other, [{ by: self, content: mine }], t('said_theirs')) },
          ]}
        >
          {t('only_one')}
        </Menu>
        <span class="grow" />
        <Button onClick={close}>{t('decide_later')}</Button>
        <Button look="primary" busy={busy} disabled={open > 0} autofocus={merged.clean} onClick={together}>
          {t(merged.clean ? 'keep_both' : 'save_decided')}
        </Button>
      </div>
    </Dialog>
  );
}

/** The parts beside the text that either changed. */
function Parts({
  merged,
  base,
  mine,
  theirs,
  chosen,
  choose,
  name,
}: {
  merged: ReturnType<typeof merge>;
  base: Content;
  mine: Content;
  theirs: Content;
  chosen: Partial<Record<Part, Choice>>;
  choose: (p: Part, c: Choice) => void;
  name: string;
}) {
  const tags = !samePart(base, merged.content, 'tags');
  if (!merged.parts.length && !tags) return null;
  return (
    <dl class="part-changes">
      {merged.parts.map(({ part, by }) => (
        <div key={part}>
          <dt>{t(`part_${part}` as 'part_title')}</dt>
          <dd>
            {by === 'both' ? (
              <fieldset class="decide">
                <legend class="unseen">{t(`part_${part}` as 'part_title')}</legend>
                <Pick on={chosen[part] === 'mine'} label={t('mine')} choose={() => choose(part, 'mine')} group={part}>
                  <Pieces of={wordDiff(partWords(part, base), partWords(part, mine))} />
                </Pick>
                <Pick on={chosen[part] === 'theirs'} label={name} choose={() => choose(part, 'theirs')} group={part}>
                  <Pieces of={wordDiff(partWords(part, base), partWords(part, theirs))} />
                </Pick>
              </fieldset>
            ) : (
              <>
                <Whose by={by} name={name} /> <Pieces of={wordDiff(partWords(part, base), partWords(part, by === 'mine' ? mine : theirs))} />
              </>
            )}
          </dd>
        </div>
      ))}
      {tags && (
        <div>
          <dt>{t('part_tags')}</dt>
          <dd>
            <Pieces of={wordDiff(partWords('tags', base), partWords('tags', merged.content))} />
          </dd>
        </div>
      )}
    </dl>
  );
}

const Whose = ({ by, name }: { by: 'mine' | 'theirs'; name: string }) => <span class={`whose ${by}`}>{by === 'mine' ? t('mine') : name}</span>;

function Pick({ on, label, group, choose, children }: { on: boolean; label: string; group: string; choose: () => void; children?: preact.ComponentChildren }) {
  return (
    <label class={`pick${on ? ' on' : ''}`}>
      <input type="radio" name={`pick-${group}`} checked={on} onChange={choose} />
      <span class="pick-name">{label}</span>
      {children && <span class="pick-text">{children}</span>}
    </label>
  );
}

const AROUND = 160; // characters of unchanged text that stay beside a change

/** One piece of the text: as it was, one side's, or to be decided. */
function Piece({ hunk: h, first, last, choice, choose, name }: { hunk: Hunk; first: boolean; last: boolean; choice: Choice | undefined; choose: (c: Choice) => void; name: string }) {
  const group = h.kind === 'both' ? h.before + h.mine : '';
  if (h.kind === 'same') return <p class="diff-line same">{shorten(h.text, first, last)}</p>;
  if (h.kind !== 'both')
    return (
      <p class={`diff-line changed by-${h.kind}`}>
        <Whose by={h.kind} name={name} /> <Pieces of={wordDiff(h.before.trimEnd(), h.text.trimEnd())} />
      </p>
    );
  return (
    <fieldset class="decide">
      <legend>{t('decide_here')}</legend>
      <Pick on={choice === 'mine'} label={t('mine')} choose={() => choose('mine')} group={group}>
        <Pieces of={wordDiff(h.before.trimEnd(), h.mine.trimEnd())} />
      </Pick>
      <Pick on={choice === 'theirs'} label={name} choose={() => choose('theirs')} group={group}>
        <Pieces of={wordDiff(h.before.trimEnd(), h.theirs.trimEnd())} />
      </Pick>
      <Pick on={choice === 'both'} label={t('both_one_after')} choose={() => choose('both')} group={group} />
    </fieldset>
  );
}

/** What did not change, without its middle: the end before a change, the beginning after one. */
function shorten(text: string, first: boolean, last: boolean): string {
  const whole = text.trim();
  if (whole.length <= AROUND * 2) return whole;
  const start = first ? '' : whole.slice(0, AROUND);
  const end = last ? '' : whole.slice(-AROUND);
  return `${start}${start && ' '}…${end && ' '}${end}`;
}
