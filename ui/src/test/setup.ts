import '@testing-library/jest-dom/vitest';
import { configure } from '@testing-library/svelte';

// How long something may take to appear says nothing on a busy machine: only the test's own time-out ends the wait.
configure({ asyncUtilTimeout: 4_500 });
