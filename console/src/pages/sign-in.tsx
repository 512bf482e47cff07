/** Signing in: as a page, and as a dialog over work that is not to be lost. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ApiError } from '../api/call';
import { language, LANGUAGES, locale, t } from '../i18n';
import { me, oidc, signIn } from '../state/session';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Field } from '../ui/field';
import { Icon } from '../ui/icon';

export function Brand() {
  return (
    <p class="brand">
      <img src="/console/assets/icon.svg" width={34} height={34} alt="" />
      {t('product')}
    </p>
  );
}

/** The language of those pages that nobody is signed in to. */
export function LanguageLinks() {
  return (
    <nav class="languages" aria-label={t('language')}>
      {LANGUAGES.map((l) => (
        <button key={l} type="button" lang={l} aria-current={language.value === l ? 'true' : undefined} onClick={() => (locale.value = l)}>
          {l === 'de' ? 'Deutsch' : 'English'}
        </button>
      ))}
    </nav>
  );
}

export function SignInPage() {
  const failure = new URLSearchParams(location.search).get('error');
  return (
    <main class="door" id="main">
      <div class="door-card">
        <Brand />
        <h1>{t('sign_in')}</h1>
        {failure && (
          <p class="failure" role="alert">
            <Icon name="warning" size={18} />
            <span>{t('oidc_failed')}</span>
          </p>
        )}
        <SignInForm />
      </div>
      <LanguageLinks />
    </main>
  );
}

export function SignInForm({ email: fixed = '' }: { email?: string }) {
  const [email, setEmail] = useState(fixed);
  const [password, setPassword] = useState('');
  const [shown, setShown] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const [until, setUntil] = useState(0);
  const [left, setLeft] = useState(0);
  const field = useRef<HTMLInputElement>(null);

  useEffect(() => {
    if (!until) return;
    const tick = () => {
      const n = Math.ceil((until - Date.now()) / 1000);
      setLeft(Math.max(0, n));
      if (n <= 0) {
        setUntil(0);
        setError('');
      }
    };
    tick();
    const timer = setInterval(tick, 500);
    return () => clearInterval(timer);
  }, [until]);

  const submit = async (e: Event) => {
    e.preventDefault();
    if (busy || until) return;
    setBusy(true);
    setError('');
    try {
      await signIn(email.trim(), password);
    } catch (err) {
      const x = err as ApiError;
      if (x.code === 'too_many_tries') setUntil(Date.now() + Math.max(1, x.more.retryAfter || 60) * 1000);
      else {
        setError(x.code === 'wrong_credentials' ? t('wrong_credentials') : x.message);
        if (x.code === 'wrong_credentials') field.current?.select();
      }
      setBusy(false);
    }
  };

  return (
    <>
      <form class="form" onSubmit={submit}>
        <Field
          label={t('email')}
          type="email"
          name="email"
          autoComplete="username"
          required
          autofocus={!fixed}
          readOnly={fixed !== ''}
          value={email}
          onInput={(e) => setEmail(e.currentTarget.value)}
        />
        <div class="with-show">
          <Field
            label={t('password')}
            type={shown ? 'text' : 'password'}
            name="password"
            autoComplete="current-password"
            required
            autofocus={fixed !== ''}
            inputRef={field}
            value={password}
            error={until ? t('too_many_tries', { n: left }) : error}
            onInput={(e) => setPassword(e.currentTarget.value)}
          />
          <button type="button" class="show" aria-pressed={shown} onClick={() => setShown(!shown)}>
            {t(shown ? 'hide_password' : 'show_password')}
          </button>
        </div>
        <Button type="submit" look="primary" class="full" busy={busy} disabled={until > 0}>
          {t('sign_in')}
        </Button>
      </form>
      {oidc.value && (
        <>
          <p class="or">{t('or')}</p>
          <a class="button plain full" href="/v1/console/oidc/start">
            {t('sign_in_with', { name: oidc.value })}
          </a>
        </>
      )}
    </>
  );
}

/** The session ended in the middle of something: signing in again goes on where it was. */
export function LostDialog() {
  return (
    <Dialog title={t('signed_out')} close={() => undefined} fixed>
      <p class="hint">{t('signed_out_hint')}</p>
      <SignInForm email={me.value?.email ?? ''} />
    </Dialog>
  );
}
