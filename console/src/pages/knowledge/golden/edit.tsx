/** A golden question as a form: asked, how it rightly ends, by which articles. */
import { useState } from 'preact/hooks';
import { ApiError } from '../../../api/call';
import { languageName } from '../../../i18n';
import { toast } from '../../../state/toasts';
import { Button } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { Check, Field, Select, TextArea } from '../../../ui/field';
import { knowledge, type Article, type Golden, type Message, type Verdict } from './api';
import { History, said } from './history';
import { Picker } from './picker';
import { w } from './words';

export interface Proposed {
  id?: string;
  question: string;
  locale: string;
  history: Message[];
  verdict: Verdict;
  articles: Pick<Article, 'id' | 'title'>[];
  note: string;
  signed_in: boolean;
}

export const VERDICTS: readonly Verdict[] = ['answer', 'abstain', 'person'];

interface Props {
  site: string;
  of: Proposed;
  locales: string[];
  /** Articles at hand: the passages that were found. */
  near?: Pick<Article, 'id' | 'title'>[];
  close: () => void;
  done: (q?: Golden) => void;
}

export function Edit({ site, of, locales, near = [], close, done }: Props) {
  const { t } = w;
  const api = knowledge(site);
  const [q, setQ] = useState(of);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const [sure, setSure] = useState(false);
  const put = (x: Partial<Proposed>) => setQ({ ...q, ...x });
  const run = async (what: () => Promise<Golden | undefined>, words: string) => {
    if (busy) return;
    setBusy(true);
    setError('');
    try {
      const got = await what();
      toast(words);
      done(got);
      close();
    } catch (err) {
      setError(err instanceof ApiError ? err.message : String(err));
      setBusy(false);
    }
  };
  const save = () => {
    const body = {
      question: q.question.trim(), locale: q.locale, history: said(q.history), verdict: q.verdict,
      articles: q.verdict === 'answer' ? q.articles.map((a) => a.id) : [], note: q.note.trim(), signed_in: q.signed_in,
    };
    return run(() => (q.id ? api.change(q.id, body) : api.make(body)), t('saved'));
  };
  const choices = locales.includes(q.locale) ? locales : [q.locale, ...locales];
  return (
    <Dialog title={t(of.id ? 'edit_question' : 'new_question')} close={close} wide>
      <form
        class="form"
        onSubmit={(e) => {
          e.preventDefault();
          void save();
        }}
        onKeyDown={(e) => {
          if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) {
            e.preventDefault();
            void save();
          }
        }}
      >
        <TextArea label={t('question')} rows={2} required autofocus maxLength={2000} value={q.question} error={error || undefined} onInput={(e) => put({ question: e.currentTarget.value })} />
        <Select label={t('language')} value={q.locale} onChange={(e) => put({ locale: e.currentTarget.value })}>
          {choices.map((l) => (
            <option key={l} value={l}>
              {languageName(l)}
            </option>
          ))}
        </Select>
        <fieldset class="verdicts">
          <legend>{t('verdict')}</legend>
          {VERDICTS.map((v) => (
            <label class="check" key={v}>
              <input type="radio" name="verdict" checked={q.verdict === v} onChange={() => put({ verdict: v })} />
              <span>
                <strong>{t(`verdict_${v}`)}</strong> <span class="hint">{t(`verdict_${v}_hint`)}</span>
              </span>
            </label>
          ))}
        </fieldset>
        {q.verdict === 'answer' && (
          <Picker site={site} label={t('expected')} hint={t('expected_hint')} chosen={q.articles} near={near} change={(articles) => put({ articles })} />
        )}
        <Check label={t('signed_in_asked')} on={q.signed_in} change={(signed_in) => put({ signed_in })} />
        <History of={q.history} change={(history) => put({ history })} />
        <Field label={t('note')} hint={t('note_hint')} maxLength={2000} value={q.note} onInput={(e) => put({ note: e.currentTarget.value })} />
        <div class="form-end">
          {of.id && !sure && (
            <Button look="danger" icon="trash" onClick={() => setSure(true)}>
              {t('delete')}
            </Button>
          )}
          {of.id && sure && (
            <Button look="danger" icon="trash" busy={busy} onClick={() => void run(async () => void (await api.drop(of.id!)), t('deleted'))}>
              {t('delete_sure')}
            </Button>
          )}
          <span class="grow" />
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" look="primary" busy={busy} disabled={!q.question.trim()}>
            {t('save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
