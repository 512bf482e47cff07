/** The frame around every page of those who are signed in: where one can go, and who one is. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { plural, t, when } from '../i18n';
import type { Mention } from '../api/types';
import { modKey, siteNow } from '../keys/actions';
import { now } from '../state/clock';
import { desk } from '../state/desk';
import { follow, go, route, to } from '../state/router';
import { isAdmin, me, setPresence, signOut, sites } from '../state/session';
import { failed } from '../state/toasts';
import { over } from '../state/view';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { Show, useLoad } from '../ui/load';
import { Menu } from '../ui/menu';
import { Avatar, Empty } from '../ui/pieces';
import { preview } from './inbox/words';

export function Shell({ children }: { children: ComponentChildren }) {
  const r = route.value;
  const site = siteNow();
  const agent = me.value!;
  const [mentions, setMentions] = useState(false);
  const online = agent.presence === 'online';
  const waiting = Math.min(99, desk.value?.inbox.counts.value?.waiting ?? 0);
  return (
    <div class={`shell${r.page === 'inbox' && r.id ? ' reading' : ''}`}>
      <a class="skip" href="#main" onClick={(e) => (e.preventDefault(), document.getElementById(r.page === 'inbox' ? 'list' : 'main')?.focus())}>
        {t('skip')}
      </a>
      <nav class="rail" aria-label={t('places')}>
        <img class="rail-logo" src="/console/assets/icon.svg" width={32} height={32} alt={t('product')} />
        {site && (
          <a class="rail-item" href={to.inbox(site, 'waiting')} onClick={follow} aria-current={r.page === 'inbox' ? 'page' : undefined} aria-label={waiting ? `${t('inbox')} (${waiting})` : t('inbox')} title={t('inbox')}>
            <Icon name="inbox" size={20} />
            {waiting > 0 && <span class="rail-count" data-count={waiting} aria-hidden="true" />}
          </a>
        )}
        {site && (
          <button type="button" class="rail-item" aria-label={t('mentions')} title={t('mentions')} onClick={() => setMentions(true)}>
            <Icon name="at" size={20} />
          </button>
        )}
        {isAdmin.value && site && (
          <a class="rail-item" href={to.knowledge(site, 'articles')} onClick={follow} aria-current={r.page === 'knowledge' ? 'page' : undefined} aria-label={t('knowledge')} title={t('knowledge')}>
            <Icon name="book" size={20} />
          </a>
        )}
        {isAdmin.value && site && (
          <a class="rail-item" href={to.settings(site, 'people')} onClick={follow} aria-current={r.page === 'settings' ? 'page' : undefined} aria-label={t('settings')} title={t('settings')}>
            <Icon name="settings" size={20} />
          </a>
        )}
        <span class="grow" />
        <button type="button" class="rail-item" aria-label={t('palette')} title={`${t('palette')} (${modKey()} K)`} onClick={() => (over.value = 'palette')}>
          <Icon name="command" size={20} />
        </button>
        <Menu
          label={t('me_menu', { name: agent.name, presence: t(online ? 'online' : 'away') })}
          look="rail-me"
          side="start"
          up
          items={[
            { label: t('online'), checked: online, hint: t('online_hint'), run: () => void setPresence('online').catch(failed) },
            { label: t('away'), checked: !online, hint: t('away_hint'), run: () => void setPresence('away').catch(failed) },
            null,
            ...(sites.value.length > 1
              ? [...sites.value.map((s) => ({ label: s.name, checked: s.key === site, run: () => go(to.inbox(s.key, 'waiting')) })), null]
              : []),
            { label: t('tab_profile'), icon: 'user' as const, run: () => go(to.account('profile')) },
            { label: t('tab_preferences'), icon: 'settings' as const, run: () => go(to.account('preferences')) },
            { label: t('do_keys'), icon: 'keyboard' as const, keys: '?', run: () => void (over.value = 'keys') },
            null,
            { label: t('sign_out'), icon: 'signOut' as const, run: () => void signOut().catch(failed) },
          ]}
        >
          <Avatar name={agent.name} size={32} online={online} />
        </Menu>
      </nav>
      <div class="shell-page">
        <Offline />
        {children}
      </div>
      {mentions && <Mentions close={() => setMentions(false)} />}
    </div>
  );
}

/** Says that the connection is away, once it has been for a moment, and when the next try is. */
function Offline() {
  const p = desk.value?.phase.value;
  const items = desk.value?.outbox.items.value ?? [];
  const [late, setLate] = useState(false);
  const down = p !== undefined && p.name !== 'ready' && p.name !== 'off' && !(p.name === 'stopped' && p.why === 'signed_out');
  useEffect(() => {
    if (!down) {
      setLate(false);
      return;
    }
    const timer = setTimeout(() => setLate(true), 1500);
    return () => clearTimeout(timer);
  }, [down]);
  if (!down || !(late || p.name === 'stopped')) return null;
  const waits = p.name === 'waiting' ? Math.max(0, Math.ceil((p.until - now.value) / 1000)) : 0;
  const words =
    p.name === 'stopped'
      ? t(p.why === 'site' ? 'stopped_site' : 'stopped_client')
      : p.name === 'waiting' && p.why === 'too_many'
        ? t('offline_too_many', { n: waits })
        : p.name === 'waiting' && p.why === 'restart'
          ? t('offline_restart')
          : t('offline');
  return (
    <div class="offline" role="status">
      <Icon name="offline" />
      <p>
        {words} {items.length > 0 && plural('kept', items.length)}
      </p>
      {p.name === 'stopped' ? (
        <Button small onClick={() => location.reload()}>
          {t('reload')}
        </Button>
      ) : (
        p.name === 'waiting' &&
        p.why !== 'too_many' && (
          <Button small onClick={() => desk.value?.wake()}>
            {t('try_now')}
          </Button>
        )
      )}
    </div>
  );
}

function Mentions({ close }: { close: () => void }) {
  const d = desk.value;
  const got = useLoad<{ items: Mention[] }>(async () => (d ? d.api.mentions(false) : { items: [] }), [d]);
  return (
    <Dialog title={t('mentions')} close={close}>
      <Show from={got}>
        {(x) =>
          (x.items ?? []).length ? (
            <ul class="mentions">
              {x.items.map((m) => (
                <li key={`${m.conversation_id}-${m.seq}`}>
                  <button
                    type="button"
                    onClick={() => {
                      close();
                      d?.goTo(m.conversation_id);
                    }}
                  >
                    <Avatar name={m.by} size={28} />
                    <span class="grow">
                      <span class="mention-head">
                        <strong>{m.by}</strong> <time dateTime={m.at}>{when(m.at, now.peek())}</time>
                      </span>
                      <span class="mention-text">{preview(m.text)}</span>
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          ) : (
            <Empty icon="at" title={t('no_mentions')}>
              <p>{t('no_mentions_hint')}</p>
            </Empty>
          )
        }
      </Show>
    </Dialog>
  );
}

