/** Fields with their label, hint and error; a switch; a choice out of few. */
import type { AllHTMLAttributes, ComponentChildren, Ref } from 'preact';
import { useId } from 'preact/hooks';

interface Around {
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
  hideLabel?: boolean;
}

type Native<T extends EventTarget> = Omit<AllHTMLAttributes<T>, 'label' | 'role' | 'size' | 'children'>;

function Around({ id, label, hint, error, hideLabel, children }: Around & { id: string; children: ComponentChildren }) {
  return (
    <div class={`field${error ? ' wrong' : ''}`}>
      <label for={id} class={hideLabel ? 'unseen' : ''}>
        {label}
      </label>
      {children}
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error && (
        <p class="wrong-text" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

const described = (id: string, a: Around) => [a.hint && `${id}-hint`, a.error && `${id}-error`].filter(Boolean).join(' ') || undefined;

export function Field({ label, hint, error, hideLabel, inputRef, ...rest }: Around & Native<HTMLInputElement> & { inputRef?: Ref<HTMLInputElement> }) {
  const id = useId();
  const around = { label, hint, error, ...(hideLabel && { hideLabel }) };
  return (
    <Around id={id} {...around}>
      <input {...(rest as object)} ref={inputRef ?? null} id={id} class="input" aria-invalid={error ? true : undefined} aria-describedby={described(id, around)} />
    </Around>
  );
}

export function TextArea({
  label,
  hint,
  error,
  hideLabel,
  ...rest
}: Around & Native<HTMLTextAreaElement>) {
  const id = useId();
  const around = { label, hint, error, ...(hideLabel && { hideLabel }) };
  return (
    <Around id={id} {...around}>
      <textarea {...(rest as object)} id={id} class="input" aria-invalid={error ? true : undefined} aria-describedby={described(id, around)} />
    </Around>
  );
}

export function Select({
  label,
  hint,
  error,
  hideLabel,
  children,
  ...rest
}: Around & Native<HTMLSelectElement> & { children: ComponentChildren }) {
  const id = useId();
  const around = { label, hint, error, ...(hideLabel && { hideLabel }) };
  return (
    <Around id={id} {...around}>
      <select {...(rest as object)} id={id} class="input" aria-describedby={described(id, around)}>
        {children}
      </select>
    </Around>
  );
}

export function Switch({ label, hint, on, change }: { label: string; hint?: string; on: boolean; change: (on: boolean) => void }) {
  const id = useId();
  return (
    <div class="switch-row">
      <div>
        <label for={id}>{label}</label>
        {hint && (
          <p class="hint" id={`${id}-hint`}>
            {hint}
          </p>
        )}
      </div>
      <input
        id={id}
        type="checkbox"
        role="switch"
        class="switch"
        checked={on}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(e) => change(e.currentTarget.checked)}
      />
    </div>
  );
}

export function Check({ label, on, change }: { label: string; on: boolean; change: (on: boolean) => void }) {
  return (
    <label class="check">
      <input type="checkbox" checked={on} onChange={(e) => change(e.currentTarget.checked)} />
      {label}
    </label>
  );
}

/** One out of few, as buttons side by side. */
export function Segments<T extends string>({
  label,
  value,
  options,
  change,
}: {
  label: string;
  value: T;
  options: readonly { value: T; label: string }[];
  change: (v: T) => void;
}) {
  const name = useId();
  return (
    <fieldset class="segments">
      <legend class="unseen">{label}</legend>
      {options.map((o) => (
        <label key={o.value} class={o.value === value ? 'on' : ''}>
          <input type="radio" name={name} checked={o.value === value} onChange={() => change(o.value)} />
          {o.label}
        </label>
      ))}
    </fieldset>
  );
}
