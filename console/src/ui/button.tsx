/** The one button, and its icon-only form, which always has a name. */
import type { ButtonHTMLAttributes, ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon';

type Native = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'icon' | 'size' | 'label'>;

export interface ButtonProps extends Native {
  look?: 'plain' | 'primary' | 'danger' | 'ghost';
  icon?: IconName;
  busy?: boolean;
  small?: boolean;
  children?: ComponentChildren;
}

export function Button({ look = 'plain', icon, busy, small, children, class: more, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      class={`button ${look}${small ? ' small' : ''} ${more ?? ''}`}
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      onClick={(e) => {
        if (busy) e.preventDefault();
        else rest.onClick?.(e);
      }}
    >
      {busy ? <span class="spinner" aria-hidden="true" /> : icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

export interface IconButtonProps extends Native {
  icon: IconName;
  /** Its name, and its tip. */
  label: string;
  /** The key that does the same, for the tip. */
  hint?: string | undefined;
  pressed?: boolean | undefined;
  size?: number;
}

export function IconButton({ icon, label, hint, pressed, class: more, size = 17, ...rest }: IconButtonProps) {
  return (
    <button type="button" {...rest} class={`icon-button ${more ?? ''}`} aria-label={label} title={hint ? `${label} (${hint})` : label} aria-pressed={pressed}>
      <Icon name={icon} size={size} />
    </button>
  );
}

/** A key as it is printed on the keyboard. */
export function Keys({ keys }: { keys: string }) {
  return (
    <span class="keys">
      {keys.split(' ').map((k) => (
        <kbd key={k}>{k}</kbd>
      ))}
    </span>
  );
}
