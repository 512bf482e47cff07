/** Macros: replies that are said again and again. */
import { useState } from 'preact/hooks';
import { shop } from '../../api/client';
import type { Macro } from '../../api/types';
import { languageName, plural, t } from '../../i18n';
import { toast } from '../../state/toasts';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { Field, Select, TextArea } from '../../ui/field';
import { Show, useLoad } from '../../ui/load';
import { Badge, Empty } from '../../ui/pieces';

export function MacrosPage({ site }: { site: string }) {
  const [q, setQ] = useState('');
  const got = useLoad(() => shop(site).macros(), [site]);
  const [editing, setEditing] = useState<Macro | 'new'>();
  const fits = (m: Macro) => `${m.name} ${m.text}`.toLowerCase().includes(q.trim().toLowerCase());
  return (
    <>
      <div class="page-head">
        <h2>{t('macros')}</h2>
        <Button look="primary" icon="plus" onClick={() => setEditing('new')}>
          {t('new_macro')}
        </Button>
      </div>
      <p class="lead">{t('macros_lead')}</p>
      <Show from={got}>
        {(x) =>
          (x.items ?? []).length ? (
            <>
              <Field label={t('search')} hideLabel type="search" placeholder={t('search')} value={q} onInput={(e) => setQ(e.currentTarget.value)} />
              <ul class="rows card">
                {x.items.filter(fits).map((m) => (
                  <li key={m.id}>
                    <div class="grow">
                      <strong>{m.name}</strong> {m.locale && <Badge>{languageName(m.locale)}</Badge>}
                      <p class="hint clamp">{m.text}</p>
                    </div>
                    <span class="hint">{m.uses > 0 ? plural('uses', m.uses) : t('uses_none')}</span>
                    <Button small icon="edit" onClick={() => setEditing(m)} aria-label={t('edit_named', { name: m.name })}>
                      {t('edit')}
                    </Button>
                  </li>
                ))}
              </ul>
            </>
          ) : (
            <Empty icon="macro" title={t('no_macros')}>
              <p>{t('no_macros_hint')}</p>
            </Empty>
          )
        }
      </Show>
      {editing && <Edit site={site} macro={editing === 'new' ? undefined : editing} close={() => setEditing(undefined)} done={() => void got.again()} />}
    </>
  );
}

function Edit({ site, macro, close, done }: { site: string; macro: Macro | undefined; close: () => void; done: () => void }) {
  const api = shop(site);
  const [name, setName] = useState(macro?.name ?? '');
  const [text, setText] = useState(macro?.text ?? '');
  const [lang, setLang] = useState(macro?.locale ?? '');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const run = async (what: () => Promise<unknown>) => {
    if (busy) return;
    setBusy(true);
    setError('');
    try {
      await what();
      toast(t('saved'));
      done();
      close();
    } catch (err) {
      setError((err as Error).message);
      setBusy(false);
    }
  };
  const body = { name: name.trim(), text: text.trim(), locale: lang };
  return (
    <Dialog title={macro?.name ?? t('new_macro')} close={close}>
      <form
        class="form"
        onSubmit={(e) => {
          e.preventDefault();
          void run(() => (macro ? api.putMacro(macro.id, body) : api.addMacro(body)));
        }}
      >
        <Field label={t('name')} required autofocus maxLength={60} value={name} error={error || undefined} onInput={(e) => setName(e.currentTarget.value)} />
        <TextArea label={t('text')} hint={t('macro_hint')} rows={6} maxLength={4000} value={text} onInput={(e) => setText(e.currentTarget.value)} />
        <Select label={t('language')} value={lang} onChange={(e) => setLang(e.currentTarget.value)}>
          <option value="">{t('any_language')}</option>
          {['en', 'de', 'fr', 'es'].map((l) => (
            <option key={l} value={l}>
              {languageName(l)}
            </option>
          ))}
        </Select>
        <div class="form-end">
          {macro && (
            <Button look="danger" icon="trash" busy={busy} onClick={() => void run(() => api.dropMacro(macro.id))}>
              {t('delete')}
            </Button>
          )}
          <span class="grow" />
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" look="primary" busy={busy} disabled={!name.trim() || !text.trim()}>
            {t('save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
