/** The replays of a shop, the newest first. */
import { useEffect, useState } from 'preact/hooks';
import { moment, number, percent } from '../../../i18n';
import { follow, to } from '../../../state/router';
import { Button } from '../../../ui/button';
import { Show, useLoad } from '../../../ui/load';
import { Badge, Empty } from '../../../ui/pieces';
import { offsetOf, PAGE, Pager } from '../listing';
import { knowledge, type Replay } from './api';
import { StartReplay } from './start';
import { w } from './words';

const EVERY = 1500;

/** Asks again while something runs. */
export function useWhile(running: boolean, again: () => Promise<void>): void {
  useEffect(() => {
    if (!running) return;
    let timer = 0;
    let gone = false;
    const round = async () => {
      await again();
      if (!gone) timer = window.setTimeout(() => void round(), EVERY);
    };
    timer = window.setTimeout(() => void round(), EVERY);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [running]);
}

export function Replays({ site, query }: { site: string; query: URLSearchParams }) {
  const { t } = w;
  const offset = offsetOf(query);
  const got = useLoad(() => knowledge(site).replays(PAGE, offset), [site, offset]);
  const counts = useLoad(() => knowledge(site).list({ q: '', verdict: '', locale: '', result: '', limit: 1, offset: 0 }), [site]);
  const [starting, setStarting] = useState(false);
  useWhile(!!got.data?.items.some((r) => r.state === 'running'), got.again);
  return (
    <>
      <div class="golden-tools">
        <Button look="primary" icon="refresh" onClick={() => setStarting(true)} disabled={!counts.data}>
          {t('replay_now')}
        </Button>
      </div>
      <Show from={got} rows={6}>
        {(x) =>
          x.items.length === 0 ? (
            <Empty icon="refresh" title={t('replays_empty')}>
              <p>{t('replays_empty_hint')}</p>
            </Empty>
          ) : (
            <>
              <ul class="rows card">
                {x.items.map((r) => (
                  <Row key={r.id} site={site} of={r} />
                ))}
              </ul>
              <Pager place={{ site, tab: 'golden', id: 'replays', query }} total={x.total} />
            </>
          )
        }
      </Show>
      {starting && <StartReplay site={site} goldens={counts.data?.counts.all ?? 0} close={() => setStarting(false)} />}
    </>
  );
}

export function StateBadge({ of: r }: { of: Replay }) {
  const tone = { running: 'accent', done: 'good', failed: 'bad', cancelled: 'plain' }[r.state];
  return <Badge tone={tone}>{w.t(`state_${r.state}`)}</Badge>;
}

function Row({ site, of: r }: { site: string; of: Replay }) {
  const { t } = w;
  const s = r.scores;
  return (
    <li>
      <div class="grow">
        <a href={to.knowledge(site, 'golden', r.id)} onClick={follow}>
          <strong>{moment(r.started_at)}</strong>
        </a>
        <p class="badges">
          <StateBadge of={r} />
          <span class="hint">{what(r)}</span>
        </p>
      </div>
      {r.state === 'running' ? (
        <span class="hint">{t('progress', { done: r.done, total: r.total })}</span>
      ) : (
        r.state === 'done' && (
          <span class="golden-figures">
            {s.questions > 0 && <span>{t('figure_right', { n: percent(s.right) })}</span>}
            {s.grounding.sentences > 0 && <span class="hint">{t('figure_grounded', { n: percent(s.grounding.supported) })}</span>}
            {s.past.questions > 0 && <span class="hint">{t('figure_past', { n: percent(s.past.agreement) })}</span>}
          </span>
        )
      )}
    </li>
  );
}

/** What a replay asked, with what, and who began it. */
export function what(r: Replay): string {
  const { t } = w;
  const parts = [];
  if (r.setting.golden > 0) parts.push(t('what_golden', { n: number(r.setting.golden) }));
  if (r.setting.past > 0) parts.push(t('what_past', { n: number(r.setting.past) }));
  parts.push(r.setting.model ? r.setting.models.join(', ') : t('what_quoted'));
  parts.push(r.setting.via === 'command_line' ? t('what_command_line') + (r.setting.name ? ` (${r.setting.name})` : '') : r.by);
  return parts.filter(Boolean).join(' · ');
}
