/** One import: read, previewed, chosen from, applied, undone. */
import { useEffect, useState } from 'preact/hooks';
import { moment, number } from '../../../i18n';
import { follow, to } from '../../../state/router';
import { announce, failed } from '../../../state/toasts';
import { Button } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { Icon } from '../../../ui/icon';
import { useLoad } from '../../../ui/load';
import { Failure, Skeleton } from '../../../ui/pieces';
import { AT_WORK, importsOf, type Run } from './api';
import { Columns } from './columns';
import { StateBadge } from './home';
import { Items } from './items';
import { RunProgress } from './progress';
import { changes, found } from './tell';
import { coded, plural, t } from './words';

const EACH_MS = 1000;

export function RunPage({ site, id, query }: { site: string; id: string; query: URLSearchParams }) {
  const api = importsOf(site);
  const loaded = useLoad(() => api.run(id), [site, id]);
  const run = loaded.data;
  const busy = run !== undefined && AT_WORK.includes(run.state);
  const state = run?.state;

  useEffect(() => {
    if (!busy) return;
    const timer = setInterval(() => document.visibilityState === 'visible' && void loaded.again(), EACH_MS);
    return () => clearInterval(timer);
  }, [busy, loaded.again]);
  useEffect(() => {
    if (run && !busy) announce(`${t(`state_${run.state}`)}. ${found(run)}`);
  }, [state]);

  const act = (what: () => Promise<Run>) => what().then(loaded.set, (err: unknown) => {
    failed(err);
    void loaded.again();
  });
  return (
    <>
      <a class="page-back" href={to.knowledge(site, 'import')} onClick={follow}>
        <Icon name="back" size={14} />
        {t('import')}
      </a>
      {loaded.error && !run ? (
        <Failure text={loaded.error} retry={() => void loaded.again()} />
      ) : !run ? (
        <Skeleton rows={6} />
      ) : (
        <>
          <Head run={run} act={act} api={api} />
          {loaded.error && <Failure text={loaded.error} />}
          <Notices run={run} />
          {busy && <RunProgress run={run} />}
          {run.state === 'asking' && run.table && <Columns run={run} table={run.table} save={(body) => api.columns(id, body).then(loaded.set)} />}
          {(run.read_at !== null || run.counts.new + run.counts.refused + run.counts.unchanged + run.counts.changed > 0) && (
            <Items site={site} run={run} query={query} changed={loaded.set} />
          )}
        </>
      )}
    </>
  );
}

function Head({ run, act, api }: { run: Run; act: (what: () => Promise<Run>) => Promise<void>; api: ReturnType<typeof importsOf> }) {
  const [busy, setBusy] = useState('');
  const [undoing, setUndoing] = useState(false);
  const once = async (name: string, what: () => Promise<Run>) => {
    if (busy) return;
    setBusy(name);
    await act(what);
    setBusy('');
  };
  const c = run.counts;
  const left = Math.max(0, c.chosen - c.applied - c.failed);
  const decides = run.state === 'ready' || run.state === 'stopped';
  return (
    <>
      <div class="page-head">
        <h2 class="import-title">
          {run.file_name || run.name} <StateBadge run={run} />
        </h2>
        <div class="page-tools">
          {decides && (
            <>
              <Button busy={busy === 'cancel'} onClick={() => void once('cancel', () => api.cancel(run.id))}>
                {t(run.state === 'stopped' ? 'leave_it' : 'discard')}
              </Button>
              <Button look="primary" icon="check" busy={busy === 'apply'} disabled={left === 0} onClick={() => void once('apply', () => api.apply(run.id))}>
                {run.state === 'stopped' ? plural('go_on_with', left) : left === 0 ? t('nothing_chosen') : plural('apply', left)}
              </Button>
            </>
          )}
          {(run.state === 'reading' || run.state === 'asking') && (
            <Button busy={busy === 'cancel'} onClick={() => void once('cancel', () => api.cancel(run.id))}>
              {t('cancel')}
            </Button>
          )}
          {run.state === 'applying' && (
            <Button busy={busy === 'cancel'} onClick={() => void once('cancel', () => api.cancel(run.id))}>
              {t('stop')}
            </Button>
          )}
          {!AT_WORK.includes(run.state) && run.state !== 'undone' && c.applied > 0 && (
            <Button icon="reopen" busy={busy === 'undo'} onClick={() => setUndoing(true)}>
              {t('undo')}
            </Button>
          )}
        </div>
      </div>
      <p class="hint import-about">
        {t(`about_${run.kind}`)}
        {run.bytes > 0 && ` · ${size(run.bytes)}`} · {moment(run.started_at)} · {run.by || t('by_schedule')}
      </p>
      {undoing && (
        <Dialog title={t('undo_title')} close={() => setUndoing(false)}>
          <p>{plural('undo_hint', c.applied)}</p>
          <div class="form-end">
            <Button onClick={() => setUndoing(false)}>{t('cancel')}</Button>
            <Button
              look="primary"
              icon="reopen"
              onClick={() => {
                setUndoing(false);
                void once('undo', () => api.undo(run.id));
              }}
            >
              {t('undo')}
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
}

const size = (bytes: number): string => (bytes < 1024 * 1024 ? t('kilobytes', { n: Math.max(1, Math.round(bytes / 1024)) }) : t('megabytes', { n: number(Math.round(bytes / 1024 / 102.4) / 10) }));

/** What there is to know before one decides, or what came of it. */
function Notices({ run }: { run: Run }) {
  const c = run.counts;
  const list: { tone: '' | 'warn' | 'bad' | 'good'; text: string }[] = [];
  if (run.state === 'failed') list.push({ tone: 'bad', text: coded('failed', run.message) });
  if (run.state === 'ready') list.push({ tone: '', text: c.applied ? t('ready_rest', { applied: number(c.applied) }) : t('ready_hint') });
  if (run.state === 'stopped') list.push({ tone: 'warn', text: t('stopped_hint', { applied: number(c.applied), left: number(Math.max(0, c.chosen - c.applied - c.failed)) }) });
  if (run.state === 'done') list.push({ tone: c.failed ? 'warn' : 'good', text: c.applied || c.failed ? found(run) : changes(c) || t('nothing_changed') });
  if (run.state === 'undone') list.push({ tone: c.kept ? 'warn' : 'good', text: c.kept ? plural('undone_but', c.kept) : t('undone_all') });
  if (run.state === 'replaced') list.push({ tone: '', text: t('replaced_hint') });
  if (run.state === 'cancelled') list.push({ tone: '', text: t('cancelled_hint') });
  if (run.held) list.push({ tone: 'warn', text: coded('held', run.held) });
  return (
    <>
      {list.map((n) => (
        <p key={n.text} class={`import-notice ${n.tone}`} role={n.tone === 'bad' ? 'alert' : undefined}>
          <Icon name={n.tone === 'good' ? 'check' : n.tone ? 'warning' : 'info'} />
          {n.text}
        </p>
      ))}
    </>
  );
}
