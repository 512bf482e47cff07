/** What there is to know about an article before one goes on writing, in whole sentences. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { language } from '../../../i18n';
import { follow, to } from '../../../state/router';
import { failed, toast } from '../../../state/toasts';
import { Button, IconButton } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { Icon, type IconName } from '../../../ui/icon';
import { articles } from './api';
import type { Desk } from './article';
import { Changes } from './changes';
import { content, type Content } from './types';
import { sourceName, t } from './words';
import { inWords } from './zoned';

/** Somebody else's saving that was taken over, and what stood there before. */
export interface Taken {
  by: string;
  before: Content;
}

function Notice({ tone, icon, children }: { tone: 'bad' | 'warn' | 'plain'; icon: IconName; children: ComponentChildren }) {
  return (
    <div class={`notice ${tone}`} role={tone === 'bad' ? 'alert' : undefined}>
      <Icon name={icon} />
      {children}
    </div>
  );
}

export function Notices({ desk, taken, dismiss, compare }: { desk: Desk; taken: Taken | undefined; dismiss: () => void; compare: () => void }) {
  const { article: a, manuscript: m, site } = desk;
  const [looking, setLooking] = useState(false);
  const [known, setKnown] = useState(false);
  const s = m.standing.value;
  const base = m.base.value;
  const unschedule = async () => {
    try {
      desk.adopt(await articles(site).unschedule(a.id));
      toast(t('said_unscheduled'));
    } catch (err) {
      failed(err);
    }
  };
  return (
    <div class="notices">
      {s.name === 'waiting' && (
        <Notice tone="bad" icon="offline">
          <p>{t('waiting', { why: s.why })}</p>
          <Button small onClick={() => m.wake()}>
            {t('try_now')}
          </Button>
        </Notice>
      )}
      {s.name === 'refused' && (
        <Notice tone="bad" icon="warning">
          <p>{t('refused', { why: s.why })}</p>
        </Notice>
      )}
      {s.name === 'met' && (
        <Notice tone="bad" icon="users">
          <p>{t('met', { name: s.theirs.by || t('somebody') })}</p>
          <Button small onClick={compare}>
            {t('compare')}
          </Button>
        </Notice>
      )}
      {m.found.value && s.name !== 'met' && (
        <Notice tone="plain" icon="info">
          <p>{t('found_here')}</p>
          <IconButton icon="close" size={14} label={t('close')} onClick={() => (m.found.value = false)} />
        </Notice>
      )}
      {taken && (
        <Notice tone="plain" icon="users">
          <p>{t('taken', { name: taken.by || t('somebody') })}</p>
          <Button small onClick={() => setLooking(true)}>
            {t('show_changes')}
          </Button>
          <IconButton icon="close" size={14} label={t('close')} onClick={dismiss} />
        </Notice>
      )}
      {base.publish_at && (
        <Notice tone="plain" icon="clock">
          <p>{t('goes_live', { when: inWords(base.publish_at, desk.zone, language.value) })}</p>
          <Button small onClick={() => void unschedule()}>
            {t('unschedule')}
          </Button>
        </Notice>
      )}
      {base.trouble && (
        <Notice tone="bad" icon="warning">
          <p>{t('trouble')}</p>
        </Notice>
      )}
      {base.revision > 0 && a.version > 0 && base.base_version > 0 && base.base_version !== a.version && (
        <Notice tone="warn" icon="info">
          <p>{t('older_base', { base: base.base_version, now: a.version })}</p>
          <a class="button small" href={desk.address({ panel: 'versions', from: String(a.version), to: 'draft' })} onClick={follow}>
            {t('show_changes')}
          </a>
        </Notice>
      )}
      {a.imported && !known && (
        <Notice tone="plain" icon="info">
          <p>{t(a.edited_at ? 'imported_edited' : 'imported', { source: sourceName(a.source) })}</p>
          <IconButton icon="close" size={14} label={t('close')} onClick={() => setKnown(true)} />
        </Notice>
      )}
      {a.gap && (
        <Notice tone="plain" icon="info">
          <p>
            {t('for_gap')}{' '}
            <a href={to.knowledge(site, 'gaps', a.gap.id)} onClick={follow}>
              {a.gap.title}
            </a>
          </p>
        </Notice>
      )}
      {looking && taken && (
        <Dialog title={t('changes_of', { name: taken.by || t('somebody') })} close={() => setLooking(false)} wide>
          <Changes before={taken.before} after={content(base)} />
        </Dialog>
      )}
    </div>
  );
}
