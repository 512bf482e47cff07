/** A dialog over the page: the browser keeps the focus in it and gives it back. */
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { IconButton } from './button';

export function Dialog({
  title,
  close,
  children,
  wide,
  bare,
  fixed,
}: {
  title: string;
  close: () => void;
  children: ComponentChildren;
  wide?: boolean;
  /** Without a visible head: what is inside says what it is. */
  bare?: boolean;
  /** Cannot be closed by Escape. */
  fixed?: boolean;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const d = ref.current;
    const before = document.activeElement;
    d?.showModal();
    return () => {
      d?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog
      ref={ref}
      class={`dialog${wide ? ' wide' : ''}${bare ? ' bare' : ''}`}
      aria-labelledby={id}
      onCancel={(e) => {
        e.preventDefault();
        if (!fixed) close();
      }}
      onClick={(e) => {
        if (e.target === ref.current && !fixed) close();
      }}
      onKeyDown={(e) => e.stopPropagation()}
    >
      <div class="dialog-body">
        {bare ? (
          <h2 id={id} class="unseen">
            {title}
          </h2>
        ) : (
          <header>
            <h2 id={id}>{title}</h2>
            {!fixed && <IconButton icon="close" label={t('close')} onClick={close} />}
          </header>
        )}
        {children}
      </div>
    </dialog>
  );
}
