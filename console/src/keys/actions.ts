/** Everything that can be done, by name and by key: the palette, the shortcuts and the list of them read this. */
import { VIEWS, type View } from '../api/types';
import { language, LANGUAGES, locale, t, type Key } from '../i18n';
import { account } from '../api/client';
import type { IconName } from '../ui/icon';
import { desk, openRow } from '../state/desk';
import { go, route, to } from '../state/router';
import { isAdmin, me, preferences, prefer, setPresence, signOut, sites } from '../state/session';
import { failed } from '../state/toasts';
import { byId, cursor, focusComposer, over, togglePanel } from '../state/view';

export interface Action {
  id: string;
  label: string;
  icon: IconName;
  group: 'go' | 'conversation' | 'writing' | 'other';
  /** A single key, outside of fields; can be turned off as a whole. */
  key?: string;
  run: () => void;
}

const mac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);
/** How the key for commands is printed. */
export const modKey = () => (mac ? '⌘' : t('key_ctrl'));
export const ALT = mac ? '⌥' : 'Alt';

export const TONES = [
  { tone: 'warmer', digit: '1', icon: 'care' },
  { tone: 'shorter', digit: '2', icon: 'shorter' },
  { tone: 'formal', digit: '3', icon: 'formal' },
  { tone: 'language', digit: '4', icon: 'language' },
  { tone: 'apologise', digit: '5', icon: 'reply' },
] as const;

const quietly = (p: Promise<unknown>) => void p.catch(failed);

/** Moves the list's cursor; with a conversation open, opens the next one. */
export function step(by: number): void {
  const d = desk.value;
  const r = route.value;
  if (!d || r.page !== 'inbox') return;
  const rows = d.inbox.list.value.rows;
  const at = rows.findIndex((x) => x.id === (cursor.value || r.id));
  const next = rows[Math.max(0, Math.min(rows.length - 1, at + by))];
  if (!next) return;
  cursor.value = next.id;
  if (at + by >= rows.length - 10) void d.inbox.more();
  if (r.id) go(to.inbox(r.site, r.view, next.id, r.filters), true);
  else byId('list')?.focus({ preventScroll: true });
}

export function openCursor(): void {
  const r = route.value;
  if (r.page !== 'inbox' || !cursor.value) return;
  go(to.inbox(r.site, r.view, cursor.value, r.filters));
  focusComposer();
}

export function backToList(): void {
  const r = route.value;
  if (r.page !== 'inbox') return;
  if (r.id) cursor.value = r.id;
  go(to.inbox(r.site, r.view, '', r.filters));
  requestAnimationFrame(() => byId('list')?.focus({ preventScroll: true }));
}

/** Where the rows of a list under Knowledge are opened, and its search. */
const rowLinks = () => [...document.querySelectorAll<HTMLElement>('.knowledge .listing tbody th a')];
const listSearch = () => document.querySelector<HTMLInputElement>('.knowledge [role=search] input');

function stepRow(by: number): void {
  const rows = rowLinks();
  const at = rows.indexOf(document.activeElement as HTMLElement);
  rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + by))]?.focus();
}

export function showView(view: View): void {
  const site = siteNow();
  if (site) go(to.inbox(site, view));
}

export function siteNow(): string {
  const r = route.value;
  return 'site' in r ? r.site : (desk.value?.site ?? sites.value[0]?.key ?? '');
}

export function claim(): void {
  const d = desk.value;
  const row = openRow.value;
  if (d && row) void d.act(() => d.api.claim(row.id), t('said_claimed'));
}

export function handBack(): void {
  const d = desk.value;
  const row = openRow.value;
  if (d && row) void d.act(() => d.api.handBack(row.id), t('said_handed_back'));
}

export function resolveOrReopen(): void {
  const d = desk.value;
  const row = openRow.value;
  if (!d || !row) return;
  if (row.state === 'closed') void d.act(() => d.api.reopen(row.id), t('said_reopened'));
  else void d.act(() => d.api.resolve(row.id), t('said_resolved'));
}

export function mode(m: 'reply' | 'note'): void {
  const d = desk.value;
  const row = openRow.value;
  if (!d || !row) return;
  d.composer(row.id).setMode(m);
  focusComposer();
}

/** What can be done now. */
export function actions(): Action[] {
  const out: Action[] = [];
  const add = (a: Omit<Action, 'label'> & { label: Key | { text: string } }) =>
    out.push({ ...a, label: typeof a.label === 'string' ? t(a.label) : a.label.text });
  const r = route.value;
  const row = r.page === 'inbox' && r.id ? openRow.value : null;
  const site = siteNow();

  if (row) {
    add({ id: 'reply', label: 'do_reply', icon: 'reply', group: 'conversation', key: 'r', run: () => mode('reply') });
    add({ id: 'note', label: 'do_note', icon: 'note', group: 'conversation', key: 'n', run: () => mode('note') });
    if (row.state === 'open') {
      if (row.assignee?.id !== me.value?.id) add({ id: 'claim', label: 'do_claim', icon: 'check', group: 'conversation', key: 'c', run: claim });
      add({ id: 'transfer', label: 'do_transfer', icon: 'transfer', group: 'conversation', key: 't', run: () => (over.value = 'transfer') });
      if (row.charge === 'person' || row.waiting_since) add({ id: 'hand-back', label: 'do_hand_back', icon: 'bot', group: 'conversation', key: 'b', run: handBack });
    }
    add({
      id: 'resolve',
      label: row.state === 'closed' ? 'do_reopen' : 'do_resolve',
      icon: row.state === 'closed' ? 'reopen' : 'resolve',
      group: 'conversation',
      key: 'e',
      run: resolveOrReopen,
    });
    add({ id: 'tags', label: 'do_tags', icon: 'tag', group: 'conversation', key: 'l', run: () => (over.value = 'tags') });
    add({ id: 'panel', label: 'do_panel', icon: 'panel', group: 'conversation', key: 's', run: togglePanel });
    add({ id: 'back', label: 'do_back', icon: 'back', group: 'conversation', key: 'u', run: backToList });
  }
  if (r.page === 'inbox') {
    add({ id: 'next', label: 'do_next', icon: 'down', group: 'go', key: 'j', run: () => step(1) });
    add({ id: 'previous', label: 'do_previous', icon: 'up', group: 'go', key: 'k', run: () => step(-1) });
    add({
      id: 'search',
      label: 'do_search',
      icon: 'search',
      group: 'go',
      key: '/',
      run: () => {
        if (r.id && matchMedia('(max-width: 759px)').matches) backToList();
        requestAnimationFrame(() => byId('search')?.focus());
      },
    });
    if (r.filters.q || r.filters.person || r.filters.tag || r.filters.team)
      add({ id: 'save-filter', label: 'do_save_filter', icon: 'save', group: 'go', run: () => (over.value = 'save-filter') });
  }
  if (r.page === 'knowledge') {
    if (rowLinks().length) {
      add({ id: 'next-row', label: 'do_next_row', icon: 'down', group: 'go', key: 'j', run: () => stepRow(1) });
      add({ id: 'previous-row', label: 'do_previous_row', icon: 'up', group: 'go', key: 'k', run: () => stepRow(-1) });
    }
    if (listSearch()) add({ id: 'search-list', label: 'do_search_list', icon: 'search', group: 'go', key: '/', run: () => listSearch()?.focus() });
    if (r.id) add({ id: 'up', label: 'do_back', icon: 'back', group: 'go', key: 'u', run: () => document.querySelector<HTMLElement>('.page-back')?.click() });
  }
  if (site)
    for (const [i, v] of VIEWS.entries())
      add({ id: `view-${v}`, label: { text: t('do_view', { name: t(`view_${v}`) }) }, icon: 'inbox', group: 'go', key: String(i + 1), run: () => showView(v) });
  for (const s of sites.value)
    if (s.key !== site) add({ id: `shop-${s.key}`, label: { text: t('do_shop', { name: s.name }) }, icon: 'inbox', group: 'go', run: () => go(to.inbox(s.key, 'waiting')) });
  if (isAdmin.value && site)
    for (const tab of ['articles', 'gaps', 'ask', 'golden', 'import', 'insight'] as const)
      add({ id: `knowledge-${tab}`, label: { text: t('do_knowledge', { name: t(`tab_${tab}`) }) }, icon: 'book', group: 'go', run: () => go(to.knowledge(site, tab)) });
  if (isAdmin.value && site)
    for (const tab of ['people', 'teams', 'hours', 'care', 'macros', 'audit'] as const)
      add({ id: `settings-${tab}`, label: { text: t('do_settings', { name: t(`tab_${tab}`) }) }, icon: 'settings', group: 'go', run: () => go(to.settings(site, tab)) });
  for (const tab of ['profile', 'security', 'preferences'] as const)
    add({ id: `account-${tab}`, label: { text: t('do_account', { name: t(`tab_${tab}`) }) }, icon: 'user', group: 'go', run: () => go(to.account(tab)) });

  const away = me.value?.presence === 'away';
  add({ id: 'presence', label: away ? 'do_online' : 'do_away', icon: 'clock', group: 'other', run: () => quietly(setPresence(away ? 'online' : 'away')) });
  const dark = document.documentElement.dataset.theme === 'dark' || (preferences.value.theme === '' && matchMedia('(prefers-color-scheme: dark)').matches);
  add({ id: 'theme', label: dark ? 'do_light' : 'do_dark', icon: dark ? 'sun' : 'moon', group: 'other', run: () => quietly(prefer({ theme: dark ? 'light' : 'dark' })) });
  add({
    id: 'sound',
    label: preferences.value.sound ? 'do_sound_off' : 'do_sound_on',
    icon: preferences.value.sound ? 'bellOff' : 'bell',
    group: 'other',
    run: () => quietly(prefer({ sound: !preferences.value.sound })),
  });
  add({
    id: 'single-keys',
    label: preferences.value.single_keys ? 'do_keys_off' : 'do_keys_on',
    icon: 'keyboard',
    group: 'other',
    run: () => quietly(prefer({ single_keys: !preferences.value.single_keys })),
  });
  for (const l of LANGUAGES)
    if (l !== language.value)
      add({
        id: `language-${l}`,
        label: { text: t(l === 'de' ? 'do_german' : 'do_english') },
        icon: 'language',
        group: 'other',
        run: () =>
          quietly(
            account.update({ locale: l }).then(() => {
              if (me.value) me.value = { ...me.value, locale: l };
              locale.value = l;
            }),
          ),
      });
  add({ id: 'keys', label: 'do_keys', icon: 'keyboard', group: 'other', key: '?', run: () => (over.value = 'keys') });
  add({ id: 'sign-out', label: 'sign_out', icon: 'signOut', group: 'other', run: () => quietly(signOut()) });
  return out;
}
