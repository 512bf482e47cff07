/** What everybody looks after for themselves: profile, password, sessions, preferences. */
import { useState } from 'preact/hooks';
import type { ApiError } from '../api/call';
import { account } from '../api/client';
import { locale, moment, t } from '../i18n';
import type { OwnSession, Theme } from '../api/types';
import { askToNotify, chime } from '../state/notify';
import { follow, to } from '../state/router';
import { lose, me, prefer, preferences, version } from '../state/session';
import { failed, toast } from '../state/toasts';
import { Button } from '../ui/button';
import { Field, Segments, Select, Switch } from '../ui/field';
import { Show, useLoad } from '../ui/load';
import { Badge } from '../ui/pieces';
import { SHORTEST } from './invitation';

const TABS = ['profile', 'security', 'preferences'] as const;

export function AccountPage({ tab }: { tab: string }) {
  const now = TABS.find((x) => x === tab) ?? 'profile';
  return (
    <div class="settings">
      <nav class="settings-nav" aria-label={t('account')}>
        <h1>{t('account')}</h1>
        {TABS.map((x) => (
          <a key={x} href={to.account(x)} onClick={follow} aria-current={x === now ? 'page' : undefined}>
            {t(`tab_${x}`)}
          </a>
        ))}
      </nav>
      <main class="settings-page" id="main" tabIndex={-1}>
        {now === 'profile' ? <Profile /> : now === 'security' ? <Security /> : <Preferences />}
      </main>
    </div>
  );
}

function Profile() {
  const agent = me.value!;
  const [name, setName] = useState(agent.name);
  const [lang, setLang] = useState(agent.locale.startsWith('de') ? 'de' : 'en');
  const [busy, setBusy] = useState(false);
  const save = async (e: Event) => {
    e.preventDefault();
    setBusy(true);
    try {
      await account.update({ name: name.trim(), locale: lang });
      me.value = { ...agent, name: name.trim(), locale: lang };
      locale.value = lang;
      toast(t('saved'));
    } catch (err) {
      failed(err);
    }
    setBusy(false);
  };
  return (
    <>
      <h2>{t('tab_profile')}</h2>
      <form class="form card" onSubmit={save}>
        <Field label={t('your_name')} hint={t('your_name_hint')} required maxLength={100} value={name} onInput={(e) => setName(e.currentTarget.value)} />
        <Field label={t('email')} readOnly value={agent.email} hint={t('email_fixed')} />
        <Select label={t('language')} value={lang} onChange={(e) => setLang(e.currentTarget.value)}>
          <option value="en">English</option>
          <option value="de">Deutsch</option>
        </Select>
        <div class="form-end">
          <Button type="submit" look="primary" busy={busy}>
            {t('save')}
          </Button>
        </div>
      </form>
      <p class="hint">{t('version', { version: version.value })}</p>
    </>
  );
}

function Security() {
  return (
    <>
      <h2>{t('tab_security')}</h2>
      <Password />
      <Sessions />
    </>
  );
}

function Password() {
  const [now, setNow] = useState('');
  const [next, setNext] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<{ at: 'now' | 'next'; text: string }>();
  const save = async (e: Event) => {
    e.preventDefault();
    if (busy) return;
    if (next.length < SHORTEST) {
      setError({ at: 'next', text: t('password_short', { n: SHORTEST }) });
      return;
    }
    setBusy(true);
    setError(undefined);
    try {
      await account.update({ current_password: now, new_password: next });
      setNow('');
      setNext('');
      toast(t('password_changed'));
    } catch (err) {
      const x = err as ApiError;
      setError({ at: x.code === 'wrong_credentials' || x.code === 'wrong_password' ? 'now' : 'next', text: x.message });
    }
    setBusy(false);
  };
  return (
    <form class="form card" onSubmit={save}>
      <h3>{t('change_password')}</h3>
      <input type="text" autoComplete="username" value={me.value!.email} readOnly hidden />
      <Field
        label={t('current_password')}
        type="password"
        autoComplete="current-password"
        required
        value={now}
        error={error?.at === 'now' ? error.text : undefined}
        onInput={(e) => setNow(e.currentTarget.value)}
      />
      <Field
        label={t('new_password')}
        type="password"
        autoComplete="new-password"
        required
        hint={t('password_hint', { n: SHORTEST })}
        value={next}
        error={error?.at === 'next' ? error.text : undefined}
        onInput={(e) => setNext(e.currentTarget.value)}
      />
      <div class="form-end">
        <Button type="submit" look="primary" busy={busy}>
          {t('change_password')}
        </Button>
      </div>
    </form>
  );
}

/** "Firefox on Linux" out of a browser's long name for itself. */
function browserOf(agent: string): string {
  const browser = /Edg/.test(agent) ? 'Edge' : /Firefox/.test(agent) ? 'Firefox' : /Chrome|Chromium/.test(agent) ? 'Chrome' : /Safari/.test(agent) ? 'Safari' : '';
  const system = /Android/.test(agent) ? 'Android' : /iPhone|iPad/.test(agent) ? 'iOS' : /Mac OS/.test(agent) ? 'macOS' : /Windows/.test(agent) ? 'Windows' : /Linux/.test(agent) ? 'Linux' : '';
  if (!browser) return agent.slice(0, 60) || t('unknown_browser');
  return system ? t('browser_on', { browser, system }) : browser;
}

function Sessions() {
  const got = useLoad<{ sessions: OwnSession[] }>(() => account.sessions(), []);
  const end = async (s: OwnSession) => {
    try {
      await account.endSession(s.id);
      if (s.current) lose();
      else {
        toast(t('session_ended'));
        await got.again();
      }
    } catch (err) {
      failed(err);
    }
  };
  return (
    <section class="card">
      <h3>{t('sessions')}</h3>
      <p class="hint">{t('sessions_hint')}</p>
      <Show from={got}>
        {(x) => (
          <ul class="rows">
            {(x.sessions ?? []).map((s) => (
              <li key={s.id}>
                <div class="grow">
                  <strong>{browserOf(s.user_agent)}</strong> {s.current && <Badge tone="good">{t('this_one')}</Badge>}
                  <p class="hint">{t('session_line', { address: s.address || '–', since: moment(s.created_at), seen: moment(s.seen_at) })}</p>
                </div>
                <Button small onClick={() => void end(s)} aria-label={t('end_session_named', { name: browserOf(s.user_agent) })}>
                  {t('end_session')}
                </Button>
              </li>
            ))}
          </ul>
        )}
      </Show>
    </section>
  );
}

function Preferences() {
  const p = preferences.value;
  const set = (x: Parameters<typeof prefer>[0]) => void prefer(x).catch(failed);
  return (
    <>
      <h2>{t('tab_preferences')}</h2>
      <section class="card">
        <h3>{t('appearance')}</h3>
        <Segments<Theme>
          label={t('theme')}
          value={p.theme}
          options={[
            { value: '', label: t('theme_system') },
            { value: 'light', label: t('theme_light') },
            { value: 'dark', label: t('theme_dark') },
          ]}
          change={(theme) => set({ theme })}
        />
      </section>
      <section class="card">
        <h3>{t('notifications')}</h3>
        <Switch
          label={t('sound')}
          hint={t('sound_hint')}
          on={p.sound}
          change={(sound) => {
            if (sound) chime();
            set({ sound });
          }}
        />
        <Switch
          label={t('browser_notifications')}
          hint={t('browser_notifications_hint')}
          on={p.notifications}
          change={async (on) => {
            if (on && !(await askToNotify())) {
              toast(t('notifications_refused'), 'bad');
              me.value = { ...me.value! }; // the switch goes back
              return;
            }
            set({ notifications: on });
          }}
        />
      </section>
      <section class="card">
        <h3>{t('keyboard')}</h3>
        <Switch label={t('single_keys')} hint={t('single_keys_hint')} on={p.single_keys} change={(single_keys) => set({ single_keys })} />
      </section>
    </>
  );
}
