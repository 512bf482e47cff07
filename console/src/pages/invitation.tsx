/** Taking an invitation, or setting up a new Careloop with the link that its first start prints. */
import { useState } from 'preact/hooks';
import type { ApiError } from '../api/call';
import { account } from '../api/client';
import { moment, t } from '../i18n';
import { go, to } from '../state/router';
import { ask } from '../state/session';
import { Button } from '../ui/button';
import { Field } from '../ui/field';
import { Show, useLoad } from '../ui/load';
import { Empty, Failure } from '../ui/pieces';
import { Brand, LanguageLinks } from './sign-in';
import type { InvitationPage as Info } from '../api/types';

export const SHORTEST = 10;

export function InvitationPage({ token }: { token: string }) {
  const info = useLoad<Info | 'gone'>(
    () =>
      account.invitation(token).catch((err: ApiError) => {
        if (err.status === 404) return 'gone' as const;
        throw err;
      }),
    [token],
  );
  return (
    <main class="door" id="main">
      <div class="door-card">
        <Brand />
        {info.data === undefined && <h1 class="unseen">{t('invitation')}</h1>}
        <Show from={info}>
          {(x) =>
            x === 'gone' ? (
              <Empty icon="link" title={t('invitation_gone')} main>
                  <p>{t('invitation_gone_hint')}</p>
                  <a class="button plain" href={to.signIn()}>
                    {t('sign_in')}
                  </a>
                </Empty>
            ) : (
              <Form token={token} info={x} />
            )
          }
        </Show>
      </div>
      <LanguageLinks />
    </main>
  );
}

function Form({ token, info }: { token: string; info: Info }) {
  const [name, setName] = useState(info.name);
  const [email, setEmail] = useState(info.email);
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<{ code: string; text: string }>();
  const submit = async (e: Event) => {
    e.preventDefault();
    if (busy) return;
    if (password.length < SHORTEST) {
      setError({ code: 'weak_password', text: t('password_short', { n: SHORTEST }) });
      return;
    }
    setBusy(true);
    setError(undefined);
    try {
      await account.accept(token, { name: name.trim(), email: email.trim(), password });
      await ask();
      go(to.home(), true);
    } catch (err) {
      const x = err as ApiError;
      setError({ code: x.code, text: x.message });
      setBusy(false);
    }
  };
  return (
    <>
      <h1>{t(info.first ? 'set_up' : 'welcome_invited')}</h1>
      <p class="hint">{info.first ? t('set_up_hint') : t('invited_hint', { until: moment(info.expires_at) })}</p>
      <form class="form" onSubmit={submit}>
        <Field label={t('your_name')} hint={t('your_name_hint')} autoComplete="name" required autofocus maxLength={100} value={name} onInput={(e) => setName(e.currentTarget.value)} />
        <Field
          label={t('email')}
          type="email"
          autoComplete="username"
          required
          readOnly={info.email !== ''}
          value={email}
          error={error?.code.includes('email') ? error.text : undefined}
          onInput={(e) => setEmail(e.currentTarget.value)}
        />
        <Field
          label={t('new_password')}
          type="password"
          autoComplete="new-password"
          required
          hint={t('password_hint', { n: SHORTEST })}
          value={password}
          error={error?.code === 'weak_password' ? error.text : undefined}
          onInput={(e) => setPassword(e.currentTarget.value)}
        />
        {error && error.code !== 'weak_password' && !error.code.includes('email') && <Failure text={error.text} />}
        <Button type="submit" look="primary" class="full" busy={busy}>
          {t(info.first ? 'begin' : 'join')}
        </Button>
      </form>
    </>
  );
}
