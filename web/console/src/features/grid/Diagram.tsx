import { useEffect, useRef } from 'react';
import { kwNumber, kwUnit } from '@shared/format';
import { useCodeText, useTexts } from '@shared/i18n';
import type { TreeNode } from './api';
import { childrenOf, ownPart } from './tree';
import classes from './Diagram.module.css';

interface Props {
  nodes: readonly TreeNode[];
  substation: TreeNode;
  selected: string | undefined;
  onSelect: (id: string) => void;
}

const COLUMN = 192;
const LEFT = 20;
const BUS = 118;
const FIRST = 214;
const STEP = 58;

/** How a line is drawn: solid with power, dashed when only reserved, grey when switched off. */
function lineOf(node: TreeNode): 'live' | 'reserved' | 'off' {
  if (node.state === 'disconnected' || node.state === 'removed') return 'off';
  if (node.state === 'planned') return 'reserved';
  return 'live';
}

function Connection({ node, x, y, parent, pdus, selected, onSelect }: { node: TreeNode; x: number; y: number; parent: TreeNode; pdus: number; selected: string | undefined; onSelect: (id: string) => void }) {
  const { t, language } = useTexts();
  const text = useCodeText();
  const line = lineOf(node);
  const glowing = node.uncovered_kw > 0;
  return (
    <g data-id={node.id} className={classes.node} data-line={line} data-glow={glowing || undefined} data-selected={node.id === selected || undefined} onClick={() => onSelect(node.id)}>
      <rect className={classes.hit} x={x + 4} y={y - 26} width={COLUMN - 10} height={STEP - 6} rx={5} />
      {glowing ? <path className={classes.glow} d={`M${x} ${y}H${x + 26}`} /> : null}
      <path className={classes.wire} d={`M${x} ${y}H${x + 26}`} />
      {node.license ? <rect className={classes.load} x={x + 26} y={y - 6} width={12} height={12} rx={2} /> : <circle className={classes.load} cx={x + 32} cy={y} r={6} />}
      <text x={x + 46} y={y - 5} className={classes.code}>
        {ownPart(node.code, parent.code)}
        {pdus > 0 ? ` · ${t('grid.pdus', { count: pdus })}` : ''}
      </text>
      <text x={x + 46} y={y + 9} className={classes.quiet}>
        {node.now_kw === undefined ? '–' : kwNumber(node.now_kw, language)} / {kwNumber(node.limit_kw, language)} {kwUnit(language)}
      </text>
      <text x={x + 46} y={y + 22} className={glowing ? classes.alarm : classes.quiet}>
        {glowing ? t('grid.uncovered', { kw: kwNumber(node.uncovered_kw, language) }) : node.declared_use ? text('use', node.declared_use).slice(0, 20) : ''}
      </text>
    </g>
  );
}

/** The single-line diagram of a substation. The treegrid beside it says and does the same. */
export function Diagram({ nodes, substation, selected, onSelect }: Props) {
  const { t, language } = useTexts();
  const children = childrenOf(nodes);
  const feeders = children.get(substation.id) ?? [];
  const most = Math.max(1, ...feeders.map((feeder) => children.get(feeder.id)?.length ?? 0));
  const width = LEFT * 2 + Math.max(1, feeders.length) * COLUMN;
  const height = FIRST + most * STEP + 8;
  const middle = Math.min(width / 2, LEFT + COLUMN / 2);
  const unit = kwUnit(language);
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The selection may have been made in the tree: bring its column into view, without moving the page.
    const box = frame.current;
    const node = box?.querySelector(`[data-id="${CSS.escape(selected ?? '')}"]`);
    if (!box || !node) return;
    const outer = box.getBoundingClientRect();
    const inner = node.getBoundingClientRect();
    if (inner.left < outer.left) box.scrollLeft -= outer.left - inner.left + 16;
    else if (inner.right > outer.right) box.scrollLeft += inner.right - outer.right + 16;
  }, [selected]);
  return (
    <div ref={frame} className={classes.scroll} tabIndex={0} role="region" aria-label={t('grid.diagram', { name: substation.code })}>
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} className={classes.svg} role="img" aria-label={t('grid.diagramHelp', { name: substation.code, count: feeders.length })}>
        <g className={classes.node} data-line="live" data-selected={substation.id === selected || undefined} onClick={() => onSelect(substation.id)}>
          <rect className={classes.hit} x={middle - 110} y={6} width={220} height={64} rx={5} />
          <path className={classes.wire} d={`M${middle} 8V24M${middle} 62V${BUS}`} />
          <circle className={classes.transformer} cx={middle} cy={35} r={12} />
          <circle className={classes.transformer} cx={middle} cy={51} r={12} />
          <text x={middle + 22} y={36} className={classes.code}>{substation.code} {substation.name ?? ''}</text>
          <text x={middle + 22} y={52} className={classes.quiet}>
            {substation.now_kw === undefined ? '–' : kwNumber(substation.now_kw, language)} / {kwNumber(substation.limit_kw, language)} {unit}
          </text>
        </g>
        <path className={classes.bus} d={`M${LEFT / 2} ${BUS}H${width - LEFT / 2}`} />
        {feeders.map((feeder, index) => {
          const x = LEFT + index * COLUMN + 10;
          const points = children.get(feeder.id) ?? [];
          const bottom = points.length > 0 ? FIRST + (points.length - 1) * STEP : FIRST - 30;
          return (
            <g key={feeder.id}>
              <g data-id={feeder.id} className={classes.node} data-line="live" data-glow={feeder.uncovered_kw > 0 || undefined} data-selected={feeder.id === selected || undefined} onClick={() => onSelect(feeder.id)}>
                <rect className={classes.hit} x={x - 14} y={BUS + 6} width={COLUMN - 12} height={54} rx={5} />
                {feeder.uncovered_kw > 0 ? <path className={classes.glow} d={`M${x} ${BUS}V${bottom}`} /> : null}
                <path className={classes.wire} d={`M${x} ${BUS}V${bottom}`} />
                <rect className={classes.breaker} x={x - 6} y={BUS + 18} width={12} height={12} />
                <text x={x + 14} y={BUS + 28} className={classes.code}>{ownPart(feeder.code, substation.code)}</text>
                <text x={x + 14} y={BUS + 43} className={classes.quiet}>
                  {feeder.now_kw === undefined ? '–' : kwNumber(feeder.now_kw, language)} / {kwNumber(feeder.limit_kw, language)} {unit}
                </text>
                {feeder.uncovered_kw > 0 ? <text x={x + 14} y={BUS + 57} className={classes.alarm}>{t('grid.uncovered', { kw: kwNumber(feeder.uncovered_kw, language) })}</text> : null}
              </g>
              {points.map((point, row) => (
                <Connection key={point.id} node={point} parent={feeder} x={x} y={FIRST + row * STEP} pdus={children.get(point.id)?.length ?? 0} selected={selected} onSelect={onSelect} />
              ))}
            </g>
          );
        })}
      </svg>
    </div>
  );
}
