/** The line above an article: where one came from, how it stands, and what can be done with it. */
import { useState } from 'preact/hooks';
import { t as shared, time } from '../../../i18n';
import { follow, go, to } from '../../../state/router';
import { failed, toast } from '../../../state/toasts';
import { Button } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { Icon } from '../../../ui/icon';
import { Menu, type MenuItem } from '../../../ui/menu';
import { articles } from './api';
import type { Desk } from './article';
import { Publish } from './publish';
import { StateBadge } from './table';
import { content, type State } from './types';
import { t } from './words';

type Open = '' | 'now' | 'later' | 'unpublish' | 'discard' | 'delete';

export function Head({ desk, state, gap, compare }: { desk: Desk; state: State; gap: string; compare: () => void }) {
  const { site, article: a, manuscript: m } = desk;
  const [open, setOpen] = useState<Open>('');
  const base = m.base.value;
  const waits = base.revision > 0 || m.unsaved;
  const live = a.version > 0 && state !== 'unpublished';
  const items: (MenuItem | null)[] = [
    ...(a.address && live ? [{ label: t('open_address'), icon: 'external' as const, run: () => void window.open(a.address, '_blank', 'noopener') }] : []),
    { label: t('panel_versions'), icon: 'clock', run: () => go(desk.address({ panel: 'versions' }), true) },
    ...(waits ? [{ label: t(base.publish_at ? 'schedule_other' : 'schedule'), icon: 'clock' as const, run: () => setOpen('later') }] : []),
    null,
    ...(live ? [{ label: t('unpublish'), icon: 'eye' as const, run: () => setOpen('unpublish') }] : []),
    ...(waits && base.base_version > 0 ? [{ label: t('discard'), icon: 'reopen' as const, run: () => setOpen('discard') }] : []),
    ...(live ? [] : [{ label: t('delete_it'), icon: 'trash' as const, danger: true, run: () => setOpen('delete') }]),
  ];
  if (items.at(-1) === null) items.pop();
  return (
    <header class="article-head">
      <a class="icon-button" href={to.knowledge(site, 'articles')} onClick={follow} aria-label={t('to_list')} title={t('to_list')}>
        <Icon name="back" size={18} />
      </a>
      <StateBadge state={state} />
      <SaveState desk={desk} compare={compare} />
      <span class="grow" />
      <Button look={!waits && live ? 'plain' : 'primary'} disabled={!waits && live} onClick={() => setOpen('now')}>
        {t(!waits && live ? 'published_already' : state === 'unpublished' && !waits ? 'publish_again' : 'publish')}
      </Button>
      <Menu label={shared('more')} items={items} look="icon-button">
        <Icon name="more" size={18} />
      </Menu>
      {(open === 'now' || open === 'later') && <Publish desk={desk} later={open === 'later'} gap={gap} close={() => setOpen('')} />}
      {open === 'unpublish' && <Unpublish desk={desk} close={() => setOpen('')} />}
      {open === 'discard' && <Discard desk={desk} close={() => setOpen('')} />}
      {open === 'delete' && <Delete desk={desk} close={() => setOpen('')} />}
    </header>
  );
}

/** Whether the server has what is typed, in few words; what is wrong stands below in whole sentences. */
function SaveState({ desk, compare }: { desk: Desk; compare: () => void }) {
  const s = desk.manuscript.standing.value;
  const at = (ms: number) => time(new Date(ms).toISOString());
  switch (s.name) {
    case 'saved':
      return s.at ? (
        <span class="save-state">
          <Icon name="check" size={14} /> {t('saved_at', { time: at(s.at) })}
        </span>
      ) : null;
    case 'met':
      return (
        <button type="button" class="save-state bad" onClick={compare}>
          <Icon name="warning" size={14} /> {t('not_saved')}
        </button>
      );
    case 'waiting':
    case 'refused':
      return (
        <span class="save-state bad">
          <Icon name="warning" size={14} /> {t('not_saved')}
        </span>
      );
    default:
      return <span class="save-state">{t(s.name === 'saving' ? 'saving' : 'typed')}</span>;
  }
}

/** Asks once more, in words that say what will happen. */
function Sure({ title, text, does, danger, run, close }: { title: string; text: string[]; does: string; danger?: boolean; run: () => Promise<void>; close: () => void }) {
  const [busy, setBusy] = useState(false);
  const go = async () => {
    setBusy(true);
    try {
      await run();
      close();
    } catch (err) {
      failed(err);
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} close={close}>
      {text.map((x) => (
        <p key={x}>{x}</p>
      ))}
      <div class="form-end">
        <Button onClick={close}>{shared('cancel')}</Button>
        <Button look={danger ? 'danger' : 'primary'} busy={busy} onClick={() => void go()}>
          {does}
        </Button>
      </div>
    </Dialog>
  );
}

function Unpublish({ desk, close }: { desk: Desk; close: () => void }) {
  const run = async () => {
    desk.adopt(await articles(desk.site).unpublish(desk.article.id));
    toast(t('said_unpublished'));
  };
  return <Sure title={t('unpublish_sure')} text={[t('unpublish_means'), t('unpublish_keeps')]} does={t('unpublish')} run={run} close={close} />;
}

function Discard({ desk, close }: { desk: Desk; close: () => void }) {
  const { manuscript: m, article: a, site } = desk;
  const run = async () => {
    const before = content(m.content.value);
    // What is on its way arrives first: the draft that is let go is the newest one.
    await m.flush();
    const base = m.base.value;
    const now = base.revision > 0 ? await articles(site).discard(a.id, base.revision) : await articles(site).open(a.id);
    m.begin(now.draft);
    desk.adopt(now);
    toast(t('said_discarded'), 'ok', { label: t('undo'), run: () => m.put(before) });
  };
  return <Sure title={t('discard_sure')} text={[t('discard_means', { n: m.base.value.base_version })]} does={t('discard')} danger run={run} close={close} />;
}

function Delete({ desk, close }: { desk: Desk; close: () => void }) {
  const { manuscript: m, article: a, site } = desk;
  const run = async () => {
    await articles(site).drop(a.id);
    m.forget();
    toast(t('said_deleted', { title: a.title || t('untitled') }));
    go(to.knowledge(site, 'articles'));
  };
  return <Sure title={t('delete_sure')} text={[t('delete_means')]} does={t('delete_it')} danger run={run} close={close} />;
}
