/** Small things that many pages show: avatar, badge, nothing here, waiting, failed. */
import type { ComponentChildren } from 'preact';
import { t } from '../i18n';
import { Button } from './button';
import { Icon, type IconName } from './icon';

const TINTS = 8;

/** A person's initials on a colour that is always theirs. */
export function Avatar({ name, size = 32, online }: { name: string; size?: number; online?: boolean }) {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = words.length ? [...words[0]!][0]! + (words.length > 1 ? [...words.at(-1)!][0]! : '') : '';
  let sum = 0;
  for (const ch of name) sum = (sum * 31 + ch.codePointAt(0)!) % 9973;
  return (
    <span class={`avatar tint-${sum % TINTS}`} style={{ width: size, height: size, fontSize: size * 0.38 }} data-letters={letters.toUpperCase()} aria-hidden="true">
      {letters ? null : <Icon name="user" size={Math.round(size * 0.5)} />}
      {online !== undefined && <span class={`dot ${online ? 'on' : ''}`} />}
    </span>
  );
}

export function Badge({ tone = 'plain', icon, children, title }: { tone?: string; icon?: IconName; children: ComponentChildren; title?: string }) {
  return (
    <span class={`badge ${tone}`} title={title}>
      {icon && <Icon name={icon} size={12} />}
      {children}
    </span>
  );
}

/** `main`: it is all that the page says, and so its heading. */
export function Empty({ icon, title, main, children }: { icon: IconName; title: string; main?: boolean; children?: ComponentChildren }) {
  const Heading = main ? 'h1' : 'h2';
  return (
    <div class="empty">
      <span class="empty-icon">
        <Icon name={icon} size={26} />
      </span>
      <Heading>{title}</Heading>
      {children}
    </div>
  );
}

/** Grey bars in the place of what is coming. */
export function Skeleton({ rows = 3, kind = 'text' }: { rows?: number; kind?: 'text' | 'row' | 'bubble' }) {
  return (
    <div class={`skeleton ${kind}`} role="status">
      <span class="unseen">{t('loading')}</span>
      {Array.from({ length: rows }, (_, i) => (
        <span key={i} class="bar" aria-hidden="true" />
      ))}
    </div>
  );
}

export function Failure({ text, retry }: { text: string; retry?: () => void }) {
  return (
    <div class="failure" role="alert">
      <Icon name="warning" size={18} />
      <p>{text}</p>
      {retry && (
        <Button small icon="refresh" onClick={retry}>
          {t('try_again')}
        </Button>
      )}
    </div>
  );
}
