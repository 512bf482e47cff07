/** What was said before a question: messages that can be added, changed, moved out. */
import { Button, IconButton } from '../../../ui/button';
import { Select, TextArea } from '../../../ui/field';
import { w } from './words';
import type { Message } from './api';

const MOST = 20;

export function History({ of, change }: { of: Message[]; change: (m: Message[]) => void }) {
  const { t } = w;
  const put = (i: number, m: Partial<Message>) => change(of.map((x, k) => (k === i ? { ...x, ...m } : x)));
  return (
    <fieldset class="ask-history">
      <legend>{t('before')}</legend>
      {of.length === 0 && <p class="hint">{t('before_none')}</p>}
      {of.map((m, i) => (
        <div class={`ask-said ${m.by}`} key={i}>
          <div class="ask-said-head">
            <Select label={t('said_by', { n: i + 1 })} hideLabel value={m.by} onChange={(e) => put(i, { by: e.currentTarget.value as Message['by'] })}>
              <option value="shopper">{t('by_shopper')}</option>
              <option value="bot">{t('by_bot')}</option>
              <option value="agent">{t('by_agent')}</option>
            </Select>
            {m.by === 'bot' && (
              <Select label={t('said_outcome', { n: i + 1 })} hideLabel value={m.outcome ?? 'answered'} onChange={(e) => put(i, { outcome: e.currentTarget.value as 'answered' })}>
                <option value="answered">{t('bot_answered')}</option>
                <option value="clarified">{t('bot_clarified')}</option>
              </Select>
            )}
            <span class="grow" />
            <IconButton icon="trash" label={t('drop_message', { n: i + 1 })} onClick={() => change(of.filter((_, k) => k !== i))} />
          </div>
          <TextArea label={t('said_text', { n: i + 1 })} hideLabel rows={2} maxLength={4000} value={m.text} onInput={(e) => put(i, { text: e.currentTarget.value })} />
        </div>
      ))}
      {of.length < MOST && (
        <div>
          <Button small icon="plus" onClick={() => change([...of, { by: of.at(-1)?.by === 'shopper' ? 'bot' : 'shopper', text: '' }])}>
            {t('add_message')}
          </Button>
        </div>
      )}
    </fieldset>
  );
}

/** What can be sent: messages with a text, and an outcome for the bot's alone. */
export function said(list: Message[]): Message[] {
  return list
    .filter((m) => m.text.trim())
    .map((m) => (m.by === 'bot' ? { by: m.by, text: m.text.trim(), outcome: m.outcome ?? 'answered' } : { by: m.by, text: m.text.trim() }));
}
