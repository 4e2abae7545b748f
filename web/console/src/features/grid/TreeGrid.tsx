import { useEffect, useRef, useState } from 'react';
import { kw, kwNumber } from '@shared/format';
import { useCodeText, useTexts } from '@shared/i18n';
import { ChevronIcon } from '@ui/icons';
import { ShareBar } from '@ui/values';
import type { TreeNode } from './api';
import { ownPart, visibleRows } from './tree';
import classes from './TreeGrid.module.css';

interface Props {
  nodes: readonly TreeNode[];
  selected: string | undefined;
  onSelect: (id: string) => void;
}

function Load({ node }: { node: TreeNode }) {
  const { language } = useTexts();
  const { now_kw: now, limit_kw: limit } = node;
  const power = now === undefined ? '–' : kwNumber(now, language);
  // A limit of nothing is a limit that nobody has entered: there is no share to draw.
  if (limit <= 0) return <span className={`num ${classes.bare}`}>{power}</span>;
  return (
    <span className={classes.load}>
      <span className="num">
        {power} <span className="muted">/ {kwNumber(limit, language)}</span>
      </span>
      <ShareBar value={now ?? 0} of={limit} />
    </span>
  );
}

/** The grid as an ARIA treegrid: arrows move, right and left open and close, Enter selects. */
export function TreeGrid({ nodes, selected, onSelect }: Props) {
  const { t, language } = useTexts();
  const text = useCodeText();
  const [closed, setClosed] = useState<ReadonlySet<string>>(() => new Set());
  const rows = visibleRows(nodes, closed);
  const codes = new Map(nodes.map((node) => [node.id, node.code]));
  const [focused, setFocused] = useState<string>();
  const body = useRef<HTMLTableSectionElement>(null);
  const current = focused ?? selected ?? rows[0]?.node.id;

  useEffect(() => {
    if (!selected) return;
    body.current?.querySelector(`[data-id="${CSS.escape(selected)}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [selected]);

  const fold = (id: string, open: boolean) =>
    setClosed((before) => {
      const next = new Set(before);
      if (open) next.delete(id);
      else next.add(id);
      return next;
    });
  const focus = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (!row) return;
    setFocused(row.node.id);
    body.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(row.node.id)}"]`)?.focus();
  };
  const onKey = (event: React.KeyboardEvent, index: number) => {
    const row = rows[index];
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const { node, children, open } = row;
    const act: Record<string, () => void> = {
      ArrowDown: () => focus(index + 1),
      j: () => focus(index + 1),
      ArrowUp: () => focus(index - 1),
      k: () => focus(index - 1),
      Home: () => focus(0),
      End: () => focus(rows.length - 1),
      ArrowRight: () => (children > 0 && !open ? fold(node.id, true) : focus(index + 1)),
      ArrowLeft: () => (children > 0 && open ? fold(node.id, false) : focus(rows.findIndex((other) => other.node.id === node.parent))),
      Enter: () => onSelect(node.id),
      ' ': () => onSelect(node.id),
    };
    const run = act[event.key];
    if (!run) return;
    event.preventDefault();
    run();
  };

  return (
    <table role="treegrid" aria-label={t('grid.tree')} className={classes.table}>
      <thead>
        <tr role="row">
          <th role="columnheader" scope="col">{t('grid.node')}</th>
          <th role="columnheader" scope="col">{t('grid.use')}</th>
          <th role="columnheader" scope="col" data-align="end">{t('grid.nowOfLimit')}</th>
          <th role="columnheader" scope="col" data-align="end" data-from="wide">{t('grid.licensed')}</th>
        </tr>
      </thead>
      <tbody ref={body}>
        {rows.map(({ node, level, children, open }, index) => (
          <tr
            key={node.id}
            role="row"
            data-id={node.id}
            data-kind={node.kind}
            data-state={node.state}
            aria-level={level}
            aria-expanded={children > 0 ? open : undefined}
            aria-selected={node.id === selected}
            tabIndex={node.id === current ? 0 : -1}
            onKeyDown={(event) => onKey(event, index)}
            onFocus={() => setFocused(node.id)}
            onClick={() => onSelect(node.id)}
          >
            <td role="gridcell" style={{ paddingInlineStart: 4 + (level - 1) * 18 }}>
              <span className={classes.name}>
                {children > 0 ? (
                  <span
                    className={classes.twist}
                    data-open={open || undefined}
                    aria-hidden="true"
                    onClick={(event) => {
                      event.stopPropagation();
                      fold(node.id, !open);
                    }}
                  >
                    <ChevronIcon />
                  </span>
                ) : (
                  <span className={classes.leaf} />
                )}
                <span className="mono" title={node.code}>{level > 2 ? ownPart(node.code, codes.get(node.parent ?? '')) : node.code}</span>
                {node.uncovered_kw > 0 ? (
                  <span className={classes.uncovered}>
                    <svg viewBox="0 0 12 12" width="9" height="9" aria-hidden="true"><rect x="1" y="1" width="10" height="10" rx="1" fill="currentColor" /></svg>
                    <span className="num">{kw(node.uncovered_kw, language)}</span>
                    <span className="visually-hidden">{t('grid.withoutLicense')}</span>
                  </span>
                ) : null}
              </span>
            </td>
            <td role="gridcell" className={classes.use}>{node.name || node.consumer || (node.declared_use ? text('use', node.declared_use) : '')}</td>
            <td role="gridcell" data-align="end"><Load node={node} /></td>
            <td role="gridcell" data-align="end" data-from="wide" className="num">{node.licensed_kw > 0 ? kwNumber(node.licensed_kw, language) : <span className="muted">–</span>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
