/** Where files are dropped, or chosen with the keyboard; they leave at once, and their page opens. */
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { percent } from '../../../i18n';
import { go, to } from '../../../state/router';
import { announce } from '../../../state/toasts';
import { Button } from '../../../ui/button';
import { Icon } from '../../../ui/icon';
import { Failure } from '../../../ui/pieces';
import { ACCEPTED, unfit, upload } from './api';
import { Bar } from './progress';
import { plural, t } from './words';

export function Drop({ site }: { site: string }) {
  const [over, setOver] = useState(false);
  const [error, setError] = useState('');
  const [sending, setSending] = useState<{ name: string; part: number }>();
  const stop = useRef<AbortController | undefined>(undefined);
  const input = useRef<HTMLInputElement>(null);
  const hint = useId();
  useEffect(() => () => stop.current?.abort(), []);

  const take = async (files: readonly File[]) => {
    if (sending || files.length === 0) return;
    const why = unfit(files);
    setError(why ?? '');
    if (why) return;
    const control = new AbortController();
    stop.current = control;
    const name = files.length === 1 ? files[0]!.name : plural('files', files.length);
    setSending({ name, part: 0 });
    announce(t('sending', { name }));
    try {
      const run = await upload(site, files, (part) => setSending({ name, part }), control.signal);
      setSending(undefined);
      go(to.knowledge(site, 'import', run.id));
    } catch (err) {
      setSending(undefined);
      if (!control.signal.aborted) setError((err as Error).message);
    }
  };
  return (
    <section class="import-part" aria-label={t('hand_in')}>
      <div
        class={`card drop${over ? ' over' : ''}`}
        onDragOver={(e) => {
          e.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(e) => {
          e.preventDefault();
          setOver(false);
          void take([...(e.dataTransfer?.files ?? [])]);
        }}
      >
        {sending ? (
          <div class="drop-sending">
            <Bar label={t('sending', { name: sending.name })} part={sending.part} />
            <p class="hint">{percent(Math.floor(sending.part * 100) / 100)}</p>
            <Button small onClick={() => stop.current?.abort()}>
              {t('cancel')}
            </Button>
          </div>
        ) : (
          <>
            <span class="empty-icon">
              <Icon name="up" size={24} />
            </span>
            <p>
              <strong>{t('drop_here')}</strong>
            </p>
            <Button look="primary" icon="file" aria-describedby={hint} onClick={() => input.current?.click()}>
              {t('choose_files')}
            </Button>
            <p class="hint" id={hint}>
              {t('drop_hint')}
            </p>
          </>
        )}
        <input
          ref={input}
          type="file"
          multiple
          hidden
          accept={ACCEPTED.join(',')}
          aria-label={t('choose_files')}
          onChange={(e) => {
            const files = [...(e.currentTarget.files ?? [])];
            e.currentTarget.value = '';
            void take(files);
          }}
        />
      </div>
      {error && <Failure text={error} />}
    </section>
  );
}
