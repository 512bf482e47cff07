/** Who is signed in, for which shops, and with which preferences. */
import { computed, effect, signal } from '@preact/signals';
import { account } from '../api/client';
import { ApiError, whenSignedOut } from '../api/call';
import type { Agent, Preferences, Session, SiteRef } from '../api/types';
import { locale } from '../i18n';
import { shelf } from './shelf';

/**
 * `lost`: the server no longer knows this session, though somebody worked here: the page stays as
 * it is, and a dialog over it lets them sign in again.
 */
export type Standing = 'asking' | 'in' | 'out' | 'lost' | 'unreachable';

export const standing = signal<Standing>('asking');
export const trouble = signal('');
export const me = signal<Agent | null>(null);
export const sites = signal<SiteRef[]>([]);
export const oidc = signal('');
export const version = signal('');

export const isAdmin = computed(() => me.value?.role === 'admin');

const DEFAULTS: Preferences = { sound: true, notifications: true, single_keys: true, theme: '' };
export const preferences = computed<Preferences>(() => me.value?.preferences ?? DEFAULTS);

let back: (() => void)[] = [];

/** Runs once somebody is signed in again after the session was lost. */
export function onBack(run: () => void): void {
  back.push(run);
}

function settle(s: Session): void {
  const before = me.value;
  me.value = s.agent;
  sites.value = s.sites;
  oidc.value = s.sign_in.oidc;
  version.value = s.version;
  locale.value = s.agent.locale || locale.value;
  trouble.value = '';
  const wasLost = standing.value === 'lost';
  standing.value = 'in';
  // Somebody else at the same desk: nothing of the page before them is theirs.
  if (wasLost && before && before.id !== s.agent.id) location.assign('/console/');
  else if (wasLost) for (const run of back) run();
}

export async function ask(): Promise<void> {
  try {
    settle(await account.session());
  } catch (err) {
    const e = err as ApiError;
    if (e.status === 401) {
      if (standing.value !== 'lost') standing.value = 'out';
      oidc.value = (await account.ways().catch(() => ({ sign_in: { oidc: '' } }))).sign_in.oidc;
    } else if (standing.value === 'asking') {
      standing.value = 'unreachable';
      trouble.value = e.message;
    } else throw err;
  }
}

export async function signIn(email: string, password: string): Promise<void> {
  await account.signIn(email, password);
  await ask();
}

export async function signOut(): Promise<void> {
  await account.signOut();
  location.assign('/console/sign-in');
}

export function lose(): void {
  if (standing.value === 'in') standing.value = 'lost';
}

export async function prefer(p: Partial<Preferences>): Promise<void> {
  const agent = me.value;
  if (!agent) return;
  me.value = { ...agent, preferences: { ...preferences.value, ...p } };
  try {
    await account.update({ preferences: { ...preferences.value } });
  } catch (err) {
    me.value = agent;
    throw err;
  }
}

export async function setPresence(presence: 'online' | 'away'): Promise<void> {
  const agent = me.value;
  if (!agent) return;
  me.value = { ...agent, presence };
  try {
    await account.presence(presence);
  } catch (err) {
    me.value = agent;
    throw err;
  }
}

export function watchSession(): void {
  whenSignedOut(lose);
  // The theme is kept in the browser, too: the sign-in page has nobody to ask.
  effect(() => {
    const theme = me.value ? preferences.value.theme : (shelf.get('theme') ?? '');
    if (me.value) shelf.set('theme', theme);
    if (!theme) delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  });
  effect(() => {
    document.documentElement.lang = locale.value.toLowerCase().startsWith('de') ? 'de' : 'en';
  });
}
