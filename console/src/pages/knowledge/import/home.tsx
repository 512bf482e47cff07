/** Where files are handed in; the sources that are read again; and what was imported before. */
import { useEffect } from 'preact/hooks';
import { number, when } from '../../../i18n';
import { now } from '../../../state/clock';
import { follow, to } from '../../../state/router';
import { Badge, Empty, Failure, Skeleton } from '../../../ui/pieces';
import { offsetOf, Pager, useRows, type Place } from '../listing';
import { AT_WORK, importsOf, type Run } from './api';
import { Drop } from './drop';
import { Sources } from './sources';
import { found } from './tell';
import { plural, t } from './words';

const RUNS = 20;
const SOON_MS = 1000;
const LATER_MS = 20_000;

export function Home({ site, query }: { site: string; query: URLSearchParams }) {
  const api = importsOf(site);
  const place: Place = { site, tab: 'import', query };
  const runs = useRows(() => api.list(RUNS, offsetOf(query)), [site, query.toString()], site);
  const sources = useRows(() => api.sources(), [site], site);
  const busy = (runs.data?.items ?? []).some((r) => AT_WORK.includes(r.state)) || (sources.data?.items ?? []).some((s) => s.last && AT_WORK.includes(s.last.state));

  // What goes on is followed each second, and what others do now and then.
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState !== 'visible') return;
      void runs.again();
      void sources.again();
    }, busy ? SOON_MS : LATER_MS);
    return () => clearInterval(timer);
  }, [runs.again, sources.again, busy]);

  const waiting = runs.data?.waiting ?? 0;
  return (
    <>
      <div class="page-head">
        <h2>{t('import')}</h2>
        {waiting > 0 && <Badge tone="warn">{plural('waiting', waiting)}</Badge>}
      </div>
      <p class="lead">{t('lead')}</p>
      <Drop site={site} />
      <Sources site={site} loaded={sources} />
      <section class="import-part">
        <h3>{t('history')}</h3>
        {runs.error && !runs.data ? (
          <Failure text={runs.error} retry={() => void runs.again()} />
        ) : !runs.data ? (
          <Skeleton rows={4} />
        ) : runs.data.items.length === 0 ? (
          <Empty icon="file" title={t('none_yet')}>
            <p>{t('none_yet_hint')}</p>
          </Empty>
        ) : (
          <History site={site} runs={runs.data.items} stale={runs.stale} />
        )}
        {runs.data && <Pager place={place} total={runs.data.total} limit={RUNS} />}
      </section>
    </>
  );
}

export function StateBadge({ run }: { run: Run }) {
  const tone = run.state === 'done' ? 'good' : run.state === 'failed' ? 'bad' : run.state === 'ready' || run.state === 'stopped' || run.state === 'asking' ? 'warn' : AT_WORK.includes(run.state) ? 'accent' : 'plain';
  return <Badge tone={tone}>{t(`state_${run.state}`)}</Badge>;
}

function History({ site, runs, stale }: { site: string; runs: Run[]; stale: boolean }) {
  return (
    <div class={`card table-box listing${stale ? ' stale' : ''}`} aria-busy={stale} tabIndex={0} role="region" aria-label={t('history')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('what')}</th>
            <th scope="col">{t('state')}</th>
            <th scope="col">{t('found')}</th>
            <th scope="col">{t('started')}</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((r) => (
            <tr key={r.id}>
              <th scope="row">
                <a href={to.knowledge(site, 'import', r.id)} onClick={follow}>
                  {r.file_name || r.name}
                </a>
              </th>
              <td>
                <StateBadge run={r} />
              </td>
              <td>{AT_WORK.includes(r.state) ? (r.total ? t('of', { done: number(r.done), total: number(r.total) }) : number(r.done)) : found(r)}</td>
              <td data-label={t('started')}>
                {when(r.started_at, now.value)}
                <span class="hint"> {r.by || t('by_schedule')}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
