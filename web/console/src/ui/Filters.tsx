import classes from './Filters.module.css';

/** A list with its filters visible on the left. */
export function WithFilters({ filters, children }: { filters: React.ReactNode; children: React.ReactNode }) {
  return (
    <div className={classes.layout}>
      <div className={`${classes.filters} no-print`}>{filters}</div>
      <div className={classes.list}>{children}</div>
    </div>
  );
}

/** Saved views as a row of links with counts. */
export function Views({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <nav className={`${classes.views} no-print`} aria-label={label}>
      {children}
    </nav>
  );
}

/** How a link of the views behaves: it is the current one only where its whole address is, or where it says so itself. */
export const viewLink = { activeOptions: { exact: true }, activeProps: { className: '' } } as const;

/** The content of a link of the views. */
export function ViewLabel({ text, count }: { text: string; count?: number | undefined }) {
  return (
    <>
      {text}
      {count === undefined ? null : <span className="num muted">{count}</span>}
    </>
  );
}

interface Choice {
  value: string;
  label: React.ReactNode;
}

/** One filter: a short list of choices of which one holds. */
export function ChoiceFilter({ label, name, value, choices, onChange }: { label: string; name: string; value: string; choices: readonly Choice[]; onChange: (value: string) => void }) {
  return (
    <fieldset className={classes.choices}>
      <legend>{label}</legend>
      {choices.map((choice) => (
        <label key={choice.value}>
          <input type="radio" name={name} value={choice.value} checked={choice.value === value} onChange={() => onChange(choice.value)} />
          <span>{choice.label}</span>
        </label>
      ))}
    </fieldset>
  );
}
