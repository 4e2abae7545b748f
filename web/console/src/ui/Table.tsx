import classes from './Table.module.css';

/** A plain table for a few rows inside a page; it scrolls by itself when it is too wide. */
export function Table({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={label}>
      <table className={classes.table}>{children}</table>
    </div>
  );
}
