/** The grid as a tree: pure, for the treegrid and the diagram alike. */

export interface NodeLike {
  id: string;
  kind: string;
  code: string;
  parent?: string;
}

export interface Row<T extends NodeLike> {
  node: T;
  level: number;
  children: number;
  open: boolean;
}

const ROOT = '';

/** The children of every node, in the order given. A node with an unknown parent is a root. */
export function childrenOf<T extends NodeLike>(nodes: readonly T[]): Map<string, T[]> {
  const ids = new Set(nodes.map((node) => node.id));
  const out = new Map<string, T[]>();
  for (const node of nodes) {
    const parent = node.parent && ids.has(node.parent) ? node.parent : ROOT;
    const list = out.get(parent);
    if (list) list.push(node);
    else out.set(parent, [node]);
  }
  return out;
}

/** The rows that are visible when the nodes of `closed` are folded. */
export function visibleRows<T extends NodeLike>(nodes: readonly T[], closed: ReadonlySet<string>): Row<T>[] {
  const children = childrenOf(nodes);
  const rows: Row<T>[] = [];
  const walk = (parent: string, level: number) => {
    for (const node of children.get(parent) ?? []) {
      const count = children.get(node.id)?.length ?? 0;
      const open = !closed.has(node.id);
      rows.push({ node, level, children: count, open });
      if (open) walk(node.id, level + 1);
    }
  };
  walk(ROOT, 1);
  return rows;
}

/** The ancestor of a kind, or the node itself when it is of that kind. */
export function ancestorOf<T extends NodeLike>(nodes: readonly T[], id: string, kind: string): T | undefined {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  let node = byId.get(id);
  for (let guard = 0; node && guard < 10; guard++) {
    if (node.kind === kind) return node;
    node = node.parent ? byId.get(node.parent) : undefined;
  }
  return undefined;
}

/** A code without the part that its parent's code already says. */
export const ownPart = (code: string, parentCode: string | undefined): string => (parentCode && code.startsWith(`${parentCode}-`) ? code.slice(parentCode.length + 1) : code);
