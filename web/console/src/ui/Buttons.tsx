import classes from './Buttons.module.css';

/** A button with an icon only; its words are in the label. */
export function IconButton({ label, size = 32, children, className, ...rest }: { label: string; size?: 24 | 32 | 36 } & React.ComponentProps<'button'>) {
  return (
    <button type="button" aria-label={label} title={label} className={`${classes.icon} ${className ?? ''}`} style={{ inlineSize: size, blockSize: size }} {...rest}>
      {children}
    </button>
  );
}

/** A plain secondary button, for places that load before the kit does. */
export function PlainButton({ children, ...rest }: React.ComponentProps<'button'>) {
  return (
    <button type="button" className={classes.plain} {...rest}>
      {children}
    </button>
  );
}
