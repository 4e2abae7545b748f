// What meters measure, in the order of its columns: a second list of models.Quantities and of the qualities of a
// reading; chunk.test.ts holds the two against Go's.

/** Name, base unit, and how many stored whole numbers make one unit. */
export const quantities: readonly (readonly [name: string, unit: string, per: number])[] = [
  ['p_total', 'W', 1], ['p_l1', 'W', 1], ['p_l2', 'W', 1], ['p_l3', 'W', 1], ['q_total', 'var', 1], ['s_total', 'VA', 1],
  ['v_l1', 'V', 1000], ['v_l2', 'V', 1000], ['v_l3', 'V', 1000], ['u_l12', 'V', 1000], ['u_l23', 'V', 1000], ['u_l31', 'V', 1000],
  ['i_l1', 'A', 1000], ['i_l2', 'A', 1000], ['i_l3', 'A', 1000], ['i_n', 'A', 1000],
  ['pf', '1', 1000], ['pf_l1', '1', 1000], ['pf_l2', '1', 1000], ['pf_l3', '1', 1000], ['f', 'Hz', 1000],
  ['e_import', 'Wh', 1], ['e_export', 'Wh', 1],
  ['thd_v_l1', '%', 1000], ['thd_v_l2', '%', 1000], ['thd_v_l3', '%', 1000], ['thd_i_l1', '%', 1000], ['thd_i_l2', '%', 1000], ['thd_i_l3', '%', 1000],
  ['ct_ratio', '1', 1000], ['pt_ratio', '1', 1000],
];

/** The words for how far a reading can be relied on, by their numbers. */
export const qualities: readonly string[] = [
  'good', 'estimated', 'rollover', 'reset', 'gap', 'clock', 'not_available', 'overflow', 'out_of_range', 'suspect', 'frozen', 'canary_failed',
  'comm_error', 'other_device', 'scale_changed', 'reversed_ct', 'ratio_changed',
];

/** How many sources of readings there are, with that of none. */
export const sources = 7;
