/** Addresses that are read again: what each holds, when it is read, and what the last reading found. */
import { useState } from 'preact/hooks';
import { moment, when } from '../../../i18n';
import { now } from '../../../state/clock';
import { follow, go, to } from '../../../state/router';
import { failed, toast } from '../../../state/toasts';
import { Button } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { Icon } from '../../../ui/icon';
import type { Loaded } from '../../../ui/load';
import { Menu } from '../../../ui/menu';
import { Badge, Failure, Skeleton } from '../../../ui/pieces';
import { AT_WORK, importsOf, WAITS, type Source } from './api';
import { EditSource } from './source';
import { changes } from './tell';
import { plural, t } from './words';

export function Sources({ site, loaded }: { site: string; loaded: Loaded<{ items: Source[] }> }) {
  const [editing, setEditing] = useState<Source | 'new'>();
  const [removing, setRemoving] = useState<Source>();
  const { data, error, again } = loaded;
  return (
    <section class="import-part" aria-labelledby="import-sources">
      <div class="page-head">
        <h3 id="import-sources">{t('sources')}</h3>
        <Button icon="plus" onClick={() => setEditing('new')}>
          {t('add_source')}
        </Button>
      </div>
      {error && !data ? (
        <Failure text={error} retry={() => void again()} />
      ) : !data ? (
        <Skeleton rows={2} />
      ) : data.items.length === 0 ? (
        <p class="hint">{t('no_sources')}</p>
      ) : (
        <ul class="rows card import-sources">
          {data.items.map((s) => (
            <Row key={s.id} site={site} source={s} edit={() => setEditing(s)} remove={() => setRemoving(s)} again={again} />
          ))}
        </ul>
      )}
      {editing && (
        <EditSource
          site={site}
          source={editing === 'new' ? undefined : editing}
          close={() => setEditing(undefined)}
          done={(run) => {
            setEditing(undefined);
            if (run) go(to.knowledge(site, 'import', run));
            else void again();
          }}
        />
      )}
      {removing && <Remove site={site} source={removing} close={() => setRemoving(undefined)} again={again} />}
    </section>
  );
}

function schedule(s: Source): string {
  if (s.paused) return t('paused');
  if (s.every_hours === 0) return t('by_hand');
  if (s.every_hours === 24) return t('daily');
  if (s.every_hours === 168) return t('weekly');
  return plural('every_hours', s.every_hours);
}

function Row({ site, source: s, edit, remove, again }: { site: string; source: Source; edit: () => void; remove: () => void; again: () => Promise<void> }) {
  const api = importsOf(site);
  const { last } = s;
  const busy = last !== null && AT_WORK.includes(last.state);
  const run = (what: () => Promise<unknown>, said: string) =>
    what().then(() => {
      if (said) toast(said);
      return again();
    }, failed);
  const read = () => api.readSource(s.id).then((r) => go(to.knowledge(site, 'import', r.id)), failed);
  return (
    <li>
      <span class="import-kind">
        <Icon name={s.kind === 'page' ? 'file' : s.kind === 'sitemap' ? 'page' : 'link'} size={18} />
      </span>
      <div class="grow">
        <strong>{s.address}</strong>
        <p class="hint">
          {t(`kind_${s.kind}`)} · {plural('articles', s.articles)} · {schedule(s)}
          {s.next_at && !s.paused ? ` · ${t('next_at', { at: moment(s.next_at) })}` : ''}
          {s.auto ? ` · ${t('auto_short')}` : ''}
        </p>
        {last && (
          <p class="hint">
            <a href={to.knowledge(site, 'import', last.id)} onClick={follow}>
              {busy ? t(`state_${last.state}`) : t('last_read', { at: when(last.started_at, now.value) })}
            </a>
            {last.state === 'failed' ? `: ${t('last_failed')}` : busy ? '' : `: ${changes(last.counts) || t('nothing_changed')}`}
          </p>
        )}
      </div>
      {last && WAITS.includes(last.state) && (
        <a class="badge warn" href={to.knowledge(site, 'import', last.id)} onClick={follow}>
          {t('waits_for_you')}
        </a>
      )}
      {busy && <Badge tone="accent">{t(`state_${last.state}`)}</Badge>}
      <Button small icon="refresh" disabled={busy} onClick={() => void read()} aria-label={t('read_now_named', { name: s.address })}>
        {t('read_now')}
      </Button>
      <Menu
        label={t('more_of', { name: s.address })}
        look="icon-button"
        items={[
          { label: t('edit'), icon: 'edit', run: edit },
          s.paused
            ? { label: t('go_on'), icon: 'refresh', run: () => void run(() => api.changeSource(s.id, { paused: false }), t('goes_on')) }
            : { label: t('pause'), icon: 'clock', run: () => void run(() => api.changeSource(s.id, { paused: true }), t('is_paused')) },
          null,
          { label: t('remove'), icon: 'trash', danger: true, run: remove },
        ]}
      >
        <Icon name="more" />
      </Menu>
    </li>
  );
}

function Remove({ site, source, close, again }: { site: string; source: Source; close: () => void; again: () => Promise<void> }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const run = async (articles: 'keep' | 'unpublish') => {
    if (busy) return;
    setBusy(true);
    try {
      const done = await importsOf(site).removeSource(source.id, articles);
      toast(articles === 'keep' ? t('removed') : plural('removed_unpublished', done.unpublished));
      close();
      void again();
    } catch (err) {
      setError((err as Error).message);
      setBusy(false);
    }
  };
  return (
    <Dialog title={t('remove_title')} close={close}>
      <p>{t('remove_hint', { name: source.address })}</p>
      {error && <Failure text={error} />}
      <div class="form-end">
        <Button onClick={close}>{t('cancel')}</Button>
        {source.articles > 0 && (
          <Button look="danger" busy={busy} onClick={() => void run('unpublish')}>
            {plural('remove_unpublish', source.articles)}
          </Button>
        )}
        <Button look="primary" busy={busy} onClick={() => void run('keep')}>
          {source.articles > 0 ? t('remove_keep') : t('remove')}
        </Button>
      </div>
    </Dialog>
  );
}
