import { readFileSync } from 'node:fs';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';

/** The pictures of every screen are no part of the app: they have pages of their own, and a folder of their own. */
const GALLERY = {
  outDir: 'dist-gallery',
  chunkSizeWarningLimit: 2_000,
  rolldownOptions: { input: ['gallery/sheet.html', 'gallery/frame.html'] },
};

export default defineConfig(({ mode }) => ({
  plugins: [svelte(), svelteTesting()],
  clearScreen: false,
  // The shell's `devUrl` names this port, so a taken one must be an error and not another port.
  server: {
    port: 5173,
    strictPort: true,
    host: '127.0.0.1',
    // The logo is the app's icon.
    fs: { allow: ['.', '../src-tauri/icons'] },
  },
  build: {
    // The oldest webviews that Tauri 2 runs on: WebKitGTK 2.40 and macOS 13, WebView2 is evergreen.
    target: ['safari16', 'chrome110'],
    // The content security policy allows no `data:` source.
    assetsInlineLimit: 0,
    ...(mode === 'gallery' ? GALLERY : {}),
  },
  test: {
    environment: 'happy-dom',
    // The tests read the style sheets.
    css: { include: [/src\/styles\//] },
    include: ['src/**/*.test.ts'],
    setupFiles: ['src/test/setup.ts'],
    restoreMocks: true,
    // What the app says of its version must be what the workspace says.
    env: { WORKSPACE: readFileSync(new URL('../Cargo.toml', import.meta.url), 'utf8') },
    // A busy machine is no failure.
    testTimeout: 30_000,
  },
}));
