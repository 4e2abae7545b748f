import { createTheme, type MantineColorsTuple } from '@mantine/core';

const accent: MantineColorsTuple = ['#e2f0f3', '#c5e0e6', '#98cbd6', '#6fbacb', '#5bbdd2', '#47abc1', '#1c7f95', '#126c82', '#0b5f73', '#084857'];
const slate: MantineColorsTuple = ['#f6f8f9', '#eef2f4', '#dde4e9', '#b9c5ce', '#93a3b1', '#6b7d8c', '#546778', '#3d5163', '#22323f', '#0f1d2b'];
const night: MantineColorsTuple = ['#e7edf2', '#b3c0cb', '#93a3b1', '#667684', '#42525f', '#24303b', '#1a242d', '#131b23', '#0d1319', '#0a0f14'];
const refuse: MantineColorsTuple = ['#fbe9e7', '#f6cdc9', '#eda099', '#f49189', '#ff8a80', '#f4776c', '#c42f26', '#b8261e', '#b0211a', '#8a1812'];

/** The look of the console: slate, one teal-blue accent, radius 6, contrast that passes axe in both schemes. */
export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 8, dark: 4 },
  autoContrast: true,
  luminanceThreshold: 0.3,
  colors: { accent, gray: slate, dark: night, refuse },
  black: '#0f1d2b',
  defaultRadius: 6,
  cursorType: 'pointer',
  fontFamily: "'Inter Variable', 'Noto Sans', 'Segoe UI', Roboto, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', 'Roboto Mono', 'DejaVu Sans Mono', monospace",
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  headings: { fontWeight: '620' },
  components: {
    Button: { defaultProps: { size: 'sm' } },
    TextInput: { defaultProps: { size: 'sm' } },
    Textarea: { defaultProps: { size: 'sm' } },
    NativeSelect: { defaultProps: { size: 'sm' } },
  },
});
