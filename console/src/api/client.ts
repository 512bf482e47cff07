/** The server's REST interface, one function for each thing that the console asks. */
import { call } from './call';
import type * as T from './types';

const e = encodeURIComponent;

export const account = {
  session: () => call<T.Session>('GET', 'session'),
  ways: () => call<{ sign_in: { oidc: string } }>('GET', 'sign-in'),
  signIn: (email: string, password: string) => call<{ agent: T.Agent }>('POST', 'session', { email, password }),
  signOut: () => call<void>('DELETE', 'session'),
  sessions: () => call<{ sessions: T.OwnSession[] }>('GET', 'sessions'),
  endSession: (id: string) => call<void>('DELETE', `sessions/${e(id)}`),
  invitation: (token: string) => call<T.InvitationPage>('GET', `invitation/${e(token)}`),
  accept: (token: string, body: { name: string; email: string; password: string }) =>
    call<{ agent: T.Agent }>('POST', `invitation/${e(token)}`, body),
  update: (body: {
    name?: string;
    locale?: string;
    preferences?: T.Preferences;
    current_password?: string;
    new_password?: string;
  }) => call<{ agent: T.Agent }>('PATCH', 'me', body),
  presence: (presence: 'online' | 'away') => call<void>('PUT', 'presence', { presence }),
};

export const people = {
  agents: () => call<{ agents: T.Agent[] }>('GET', 'agents'),
  update: (id: string, body: Partial<Pick<T.Agent, 'name' | 'role' | 'site_keys' | 'capacity' | 'disabled'>>) =>
    call<{ agent: T.Agent }>('PATCH', `agents/${e(id)}`, body),
  invitations: () => call<{ invitations: T.Invitation[] }>('GET', 'invitations'),
  invite: (body: { email: string; name?: string; role: T.Role; site_keys: string[] }) =>
    call<{ invitation: T.Invitation; link: string }>('POST', 'invitations', body),
  revoke: (id: string) => call<void>('DELETE', `invitations/${e(id)}`),
  audit: (before?: number, limit = 50) => call<{ entries: T.AuditEntry[]; next: number }>('GET', 'audit', undefined, { before, limit }),
};

export interface ListQuery {
  view: T.View;
  q?: string;
  person?: string;
  tag?: string;
  team?: string;
  cursor?: string;
  limit?: number;
}

/** What is asked of one shop. */
export function shop(site: string) {
  const s = `sites/${e(site)}`;
  const c = (id: string) => `${s}/conversations/${e(id)}`;
  return {
    list: (q: ListQuery) => call<{ items: T.Row[]; next: string; counts: T.Counts }>('GET', `${s}/conversations`, undefined, { ...q }),
    open: (id: string) => call<T.Detail>('GET', c(id)),
    events: (id: string, q: { after_seq?: number; before_seq?: number; limit?: number }) =>
      call<{ events: T.Event[]; more: boolean }>('GET', `${c(id)}/events`, undefined, q),
    turn: (id: string, turn: string) => call<T.TurnInfo>('GET', `${c(id)}/turns/${e(turn)}`),
    claim: (id: string) => call<T.Acted>('POST', `${c(id)}/claim`, {}),
    transfer: (id: string, body: { agent_id?: string; team_id?: string; note?: string }) => call<T.Acted>('POST', `${c(id)}/transfer`, body),
    handBack: (id: string) => call<T.Acted>('POST', `${c(id)}/hand-back`, {}),
    resolve: (id: string) => call<T.Acted>('POST', `${c(id)}/resolve`, {}),
    reopen: (id: string) => call<T.Acted>('POST', `${c(id)}/reopen`, {}),
    message: (
      id: string,
      body: {
        client_id: string;
        text: string;
        draft_id?: string;
        citations?: { n: number; article_id: string }[];
        resolve?: boolean;
        confirm_unsupported?: boolean;
      },
    ) => call<T.Acted>('POST', `${c(id)}/messages`, body),
    note: (id: string, body: { client_id: string; text: string; mentions: string[] }) => call<T.Acted>('POST', `${c(id)}/notes`, body),
    tags: (id: string, tags: string[]) => call<unknown>('PUT', `${c(id)}/tags`, { tags }),
    wish: (id: string, wish: string) => call<unknown>('PUT', `${c(id)}/summary`, { wish }),
    draft: (id: string, body: { tone: T.Tone; language?: string; text?: string }) => call<{ draft: T.Draft }>('POST', `${c(id)}/drafts`, body),
    opened: (id: string, draft: string) => call<unknown>('POST', `${c(id)}/drafts/${e(draft)}/opened`, {}),
    discard: (id: string, draft: string) => call<unknown>('POST', `${c(id)}/drafts/${e(draft)}/discard`, {}),
    suggestions: (id: string) => call<{ macros: T.Macro[]; articles: T.ArticleHit[] }>('GET', `${c(id)}/suggestions`),
    articles: (q: string) => call<{ articles: T.ArticleHit[] }>('GET', `${s}/articles/search`, undefined, { q }),
    people: () => call<T.People>('GET', `${s}/people`),
    filters: () => call<{ items: T.Filter[] }>('GET', `${s}/filters`),
    saveFilter: (name: string, query: Record<string, string>) => call<{ filter: T.Filter }>('POST', `${s}/filters`, { name, query }),
    dropFilter: (id: string) => call<void>('DELETE', `${s}/filters/${e(id)}`),
    mentions: (unread: boolean) => call<{ items: T.Mention[] }>('GET', `${s}/mentions`, undefined, { unread }),
    macros: (q = '') => call<{ items: T.Macro[] }>('GET', `${s}/macros`, undefined, { q }),
    addMacro: (m: Omit<T.Macro, 'id' | 'uses'>) => call<unknown>('POST', `${s}/macros`, m),
    putMacro: (id: string, m: Omit<T.Macro, 'id' | 'uses'>) => call<unknown>('PUT', `${s}/macros/${e(id)}`, m),
    dropMacro: (id: string) => call<void>('DELETE', `${s}/macros/${e(id)}`),
    settings: () => call<T.Settings>('GET', `${s}/settings`),
    putSettings: (v: T.Settings) => call<unknown>('PUT', `${s}/settings`, v),
    careGuide: () => call<T.CareGuide>('GET', `${s}/care-guide`),
    putCareGuide: (v: { markdown: string; offers: string[] }) => call<unknown>('PUT', `${s}/care-guide`, v),
    careGuideVersions: () => call<{ items: T.CareGuideVersion[] }>('GET', `${s}/care-guide/versions`),
    teams: () => call<{ teams: T.Team[] }>('GET', `${s}/teams`),
    addTeam: (v: Omit<T.Team, 'id'>) => call<unknown>('POST', `${s}/teams`, v),
    putTeam: (id: string, v: Omit<T.Team, 'id'>) => call<unknown>('PATCH', `${s}/teams/${e(id)}`, v),
    dropTeam: (id: string) => call<void>('DELETE', `${s}/teams/${e(id)}`),
  };
}

export type Shop = ReturnType<typeof shop>;
