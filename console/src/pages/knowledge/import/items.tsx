/** What an import would change, or did: by state, searched, chosen, opened. */
import { useEffect, useState } from 'preact/hooks';
import { failed } from '../../../state/toasts';
import { Button } from '../../../ui/button';
import { Badge, Empty, Failure, Skeleton } from '../../../ui/pieces';
import { FilterSelect, NoneFit, offsetOf, PAGE, Pager, SearchField, StateTabs, useRows, type Place } from '../listing';
import { AT_WORK, importsOf, type Item, type ItemState, type Run } from './api';
import { Change } from './change';
import { coded, t } from './words';

const STATES: readonly (ItemState | 'warned')[] = ['new', 'changed', 'edited', 'gone', 'refused', 'warned', 'unchanged'];
const CHOOSABLE: readonly string[] = ['new', 'changed', 'edited', 'gone'];
const TONES: Record<ItemState, string> = { new: 'good', changed: 'accent', edited: 'warn', gone: 'bad', refused: 'bad', unchanged: 'plain' };

export function Items({ site, run, query, changed }: { site: string; run: Run; query: URLSearchParams; changed: (r: Run) => void }) {
  const api = importsOf(site);
  const place: Place = { site, tab: 'import', id: run.id, query };
  const of = (name: string) => query.get(name) ?? '';
  const c = run.counts;
  const rows = useRows(
    () => api.items(run.id, { state: of('state'), outcome: of('outcome'), q: of('q'), limit: PAGE, offset: offsetOf(query) }),
    [site, run.id, query.toString()],
    site + run.id,
  );
  // While it is read or applied the list grows and changes.
  const version = `${run.state} ${c.new + c.changed + c.edited + c.gone + c.unchanged + c.refused} ${c.applied + c.failed + c.undone + c.kept}`;
  useEffect(() => void rows.again(), [version]);
  const [opened, setOpened] = useState<Item>();
  const [busy, setBusy] = useState(false);

  const decides = run.state === 'ready' || run.state === 'stopped';
  const state = of('state');
  const all = c.new + c.changed + c.edited + c.gone + c.unchanged + c.refused;
  const choose = (body: { chosen: boolean; items?: number[] }) => {
    if (busy) return;
    setBusy(true);
    const what = body.items ? body : { ...body, ...(state && { state: state as 'new' }), ...(of('q') && { q: of('q') }) };
    api
      .choose(run.id, what)
      .then((r) => {
        changed(r);
        return rows.again();
      }, failed)
      .finally(() => setBusy(false));
  };
  const { data } = rows;
  const outcomes = c.applied + c.failed + c.undone + c.kept > 0;
  return (
    <section class="import-part" aria-label={t('items')}>
      <StateTabs
        place={place}
        now={state}
        states={[{ value: '', label: t('all'), count: all }, ...STATES.filter((s) => c[s] > 0 || s === state).map((s) => ({ value: s as string, label: t(`items_${s}`), count: c[s] }))]}
      />
      {state && <p class="hint">{t(`explain_${state as ItemState}`)}</p>}
      <div class="filters">
        <SearchField place={place} label={t('search')} />
        {outcomes && (
          <FilterSelect
            place={place}
            name="outcome"
            label={t('outcome')}
            options={[{ value: '', label: t('any_outcome') }, ...(['applied', 'failed', 'undone', 'kept'] as const).filter((o) => c[o] > 0).map((o) => ({ value: o as string, label: t(`outcome_${o}`) }))]}
          />
        )}
        {decides && (!state || CHOOSABLE.includes(state) || state === 'warned') && (data?.total ?? 0) > 0 && (
          <>
            <Button small busy={busy} onClick={() => choose({ chosen: true })}>
              {t('choose_all')}
            </Button>
            <Button small busy={busy} onClick={() => choose({ chosen: false })}>
              {t('choose_none')}
            </Button>
          </>
        )}
      </div>
      {rows.error && !data ? (
        <Failure text={rows.error} retry={() => void rows.again()} />
      ) : !data ? (
        <Skeleton rows={6} />
      ) : data.items.length > 0 ? (
        <ul class={`rows card import-items${rows.stale ? ' stale' : ''}`} aria-busy={rows.stale}>
          {data.items.map((it) => (
            <Row key={it.n} item={it} decides={decides} choose={(on) => choose({ chosen: on, items: [it.n] })} open={() => setOpened(it)} />
          ))}
        </ul>
      ) : AT_WORK.includes(run.state) ? (
        <Skeleton rows={4} />
      ) : all > 0 ? (
        <NoneFit place={place} />
      ) : (
        <Empty icon="file" title={t('no_items')} />
      )}
      {data && <Pager place={place} total={data.total} />}
      {opened && <Change site={site} run={run} item={opened} close={() => setOpened(undefined)} />}
    </section>
  );
}

function Row({ item: it, decides, choose, open }: { item: Item; decides: boolean; choose: (on: boolean) => void; open: () => void }) {
  const name = it.title || it.key || it.file;
  const choosable = decides && CHOOSABLE.includes(it.state) && it.outcome === '';
  const place = it.line > 0 ? t('at_line', { file: it.file, line: it.line }) : it.file;
  return (
    <li>
      {decides && (
        <input
          type="checkbox"
          aria-label={t('choose_named', { name })}
          checked={it.chosen}
          disabled={!choosable}
          onChange={(e) => choose(e.currentTarget.checked)}
        />
      )}
      <div class="grow">
        {it.state === 'refused' ? (
          <>
            <strong>{it.title || place}</strong>
            <p class="import-reason">{it.reason}</p>
            {it.title && <p class="hint">{place}</p>}
          </>
        ) : (
          <>
            <button type="button" class="import-open" onClick={open}>
              {name}
            </button>
            <p class="hint">{place}</p>
          </>
        )}
        {it.outcome === 'failed' && <p class="import-reason">{coded('why', it.why)}</p>}
        {it.outcome === 'kept' && <p class="import-reason">{t('why_kept')}</p>}
      </div>
      <span class="badges">
        {(it.warnings ?? []).map((w) => (
          <Badge key={w} tone="warn" icon="warning" title={coded('warning_long', w)}>
            {coded('warning', w)}
          </Badge>
        ))}
        <Badge tone={TONES[it.state]}>{t(`item_${it.state}`)}</Badge>
        {it.outcome && <Badge tone={it.outcome === 'applied' ? 'good' : it.outcome === 'failed' ? 'bad' : 'plain'}>{t(`outcome_${it.outcome}`)}</Badge>}
      </span>
    </li>
  );
}
