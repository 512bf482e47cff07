/** A gap's questions: each leads to its conversation, and those that belong elsewhere are moved there. */
import { useState } from 'preact/hooks';
import { percent, when } from '../../../i18n';
import { now } from '../../../state/clock';
import { follow, go, to } from '../../../state/router';
import { failed, toast } from '../../../state/toasts';
import { Button } from '../../../ui/button';
import { Badge } from '../../../ui/pieces';
import { gapsOf } from './api';
import { MoveDialog } from './pick';
import type { Gap, Question } from './types';
import { plural, t } from './words';

const MORE = 50;

export function Questions({ site, gap, first, moved }: { site: string; gap: Gap; first: Question[]; moved: () => Promise<void> }) {
  const [more, setMore] = useState<Question[]>([]);
  const [busy, setBusy] = useState(false);
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [picking, setPicking] = useState(false);
  const have = new Set(first.map((q) => q.id));
  const all = [...first, ...more.filter((q) => !have.has(q.id))];
  const left = gap.questions - all.length;

  const load = async () => {
    setBusy(true);
    try {
      const got = await gapsOf(site).questions(gap.id, MORE, all.length);
      setMore([...more, ...(got.items ?? [])]);
    } catch (err) {
      failed(err);
    }
    setBusy(false);
  };
  const move = async (into: string) => {
    setPicking(false);
    try {
      const other = (await gapsOf(site).move(gap.id, [...chosen], into)).gap;
      const open = () => go(to.knowledge(site, 'gaps', other.id));
      toast(plural('moved', chosen.size, { name: other.title }), 'ok', { label: t('show'), run: open });
      setChosen(new Set());
      setMore([]);
      // Of a gap without questions nothing is left.
      if (chosen.size >= gap.questions) open();
      else await moved();
    } catch (err) {
      failed(err);
    }
  };
  const toggle = (id: number) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };

  return (
    <section class="card questions" aria-label={t('questions')}>
      <div class="questions-head">
        <h3>{t('questions')}</h3>
        <p class="hint">{t('questions_hint')}</p>
      </div>
      {chosen.size > 0 && (
        <div class="chosen" role="toolbar" aria-label={t('chosen_tools')}>
          <span class="grow" role="status">
            {plural('chosen', chosen.size)}
          </span>
          <Button small icon="transfer" onClick={() => setPicking(true)}>
            {t('move_to')}
          </Button>
          <Button small icon="plus" onClick={() => void move('')}>
            {t('move_new')}
          </Button>
          <Button small look="ghost" onClick={() => setChosen(new Set())}>
            {t('choose_none')}
          </Button>
        </div>
      )}
      <ul class="question-list">
        {all.map((q) => (
          <li key={q.id} class={chosen.has(q.id) ? 'on' : ''}>
            <input type="checkbox" checked={chosen.has(q.id)} aria-label={t('choose', { text: q.text })} onChange={() => toggle(q.id)} />
            <div class="grow">
              <a href={to.inbox(site, 'all', q.conversation_id, undefined, q.seq)} onClick={follow} dir="auto">
                {q.text}
              </a>
              <p class="question-facts">
                <Badge>{t(`reason_${q.reason}`)}</Badge>
                {q.confidence !== null && <span class="hint">{t('sure', { n: percent(q.confidence) })}</span>}
                <time class="hint" dateTime={q.at}>
                  {when(q.at, now.peek())}
                </time>
              </p>
            </div>
          </li>
        ))}
      </ul>
      {left > 0 && (
        <div class="center">
          <Button small busy={busy} onClick={() => void load()}>
            {plural('more_questions', left)}
          </Button>
        </div>
      )}
      {picking && <MoveDialog site={site} gap={gap} n={chosen.size} close={() => setPicking(false)} move={(into) => void move(into)} />}
    </section>
  );
}
