/** A new article: its title and language, then the editor. */
import { useState } from 'preact/hooks';
import { go, to } from '../../../state/router';
import { sites } from '../../../state/session';
import { Button } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { Field } from '../../../ui/field';
import { t as shared } from '../../../i18n';
import { Failure } from '../../../ui/pieces';
import { articles } from './api';
import { LocaleSelect } from './details';
import { t } from './words';

export function New({ site, close }: { site: string; close: () => void }) {
  const [title, setTitle] = useState('');
  const [locale, setLocale] = useState(sites.value.find((s) => s.key === site)?.locale ?? 'en');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const make = async (e: Event) => {
    e.preventDefault();
    if (busy) return;
    if (!title.trim()) return setError(t('needs_title'));
    setBusy(true);
    try {
      const made = await articles(site).make({ title: title.trim(), locale });
      close();
      go(to.knowledge(site, 'articles', made.id));
    } catch (err) {
      setError((err as Error).message);
      setBusy(false);
    }
  };
  return (
    <Dialog title={t('new_article')} close={close}>
      <form class="form" onSubmit={make}>
        <Field label={t('title')} hint={t('title_hint')} autofocus maxLength={200} value={title} onInput={(e) => setTitle(e.currentTarget.value)} />
        <LocaleSelect value={locale} change={setLocale} />
        {error && <Failure text={error} />}
        <div class="form-end">
          <Button onClick={close}>{shared('cancel')}</Button>
          <Button type="submit" look="primary" busy={busy}>
            {t('begin_writing')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
