/** A button with a menu: arrows move, Enter chooses, Escape closes and gives the focus back. */
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Keys } from './button';
import { Icon, type IconName } from './icon';

export interface MenuItem {
  label: string;
  icon?: IconName;
  keys?: string | undefined;
  hint?: string;
  checked?: boolean;
  danger?: boolean;
  run: () => void;
}

export function Menu({
  label,
  items,
  children,
  look = 'button ghost',
  side = 'end',
  up,
}: {
  label: string;
  items: readonly (MenuItem | null)[];
  children: ComponentChildren;
  look?: string;
  side?: 'start' | 'end';
  up?: boolean;
}) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  const entries = () => [...(box.current?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? [])];
  const close = (back = true) => {
    setOpen(false);
    if (back) button.current?.focus();
  };

  useEffect(() => {
    if (!open) return;
    const list = entries();
    (list.find((e) => e.getAttribute('aria-checked') === 'true') ?? list[0])?.focus();
    const outside = (e: PointerEvent) => {
      if (!box.current?.contains(e.target as Node)) close(false);
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [open]);

  const onKey = (e: KeyboardEvent) => {
    if (!open) {
      if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
        e.preventDefault();
        setOpen(true);
      }
      return;
    }
    const list = entries();
    const at = list.indexOf(document.activeElement as HTMLElement);
    const to = (n: number) => list[(n + list.length) % list.length]?.focus();
    if (e.key === 'Escape' || e.key === 'Tab') close();
    else if (e.key === 'ArrowDown') to(at + 1);
    else if (e.key === 'ArrowUp') to(at - 1);
    else if (e.key === 'Home') to(0);
    else if (e.key === 'End') to(-1);
    else if (e.key.length === 1 && /\S/.test(e.key)) {
      const found = [...list.slice(at + 1), ...list].find((x) => x.textContent?.trim().toLowerCase().startsWith(e.key.toLowerCase()));
      found?.focus();
    } else return;
    if (e.key !== 'Tab') e.preventDefault();
    e.stopPropagation();
  };

  return (
    <div class="menu-box" ref={box} onKeyDown={onKey}>
      <button
        type="button"
        ref={button}
        class={look}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        aria-label={label}
        title={label}
        onClick={() => setOpen(!open)}
      >
        {children}
      </button>
      {open && (
        <div class={`menu ${side}${up ? ' up' : ''}`} role="menu" id={id} aria-label={label}>
          {items.map((item, i) =>
            item ? (
              <button
                key={item.label}
                type="button"
                tabIndex={-1}
                role={item.checked === undefined ? 'menuitem' : 'menuitemradio'}
                aria-checked={item.checked}
                class={item.danger ? 'danger' : ''}
                onClick={() => {
                  close();
                  item.run();
                }}
              >
                {item.checked !== undefined ? <span class="tick">{item.checked && <Icon name="check" />}</span> : item.icon && <Icon name={item.icon} />}
                <span class="grow">
                  {item.label}
                  {item.hint && <small>{item.hint}</small>}
                </span>
                {item.keys && <Keys keys={item.keys} />}
              </button>
            ) : (
              <hr key={i} />
            ),
          )}
        </div>
      )}
    </div>
  );
}
