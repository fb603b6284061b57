import { mount } from 'svelte';
import Root from './Root.svelte';
import { api } from './lib/api';
import { takeFirst } from './lib/api/first';
import { App } from './lib/state/app.svelte';
import '@fontsource-variable/atkinson-hyperlegible-next/wght.css';
import './styles/tokens.css';
import './styles/base.css';

const target = document.getElementById('app');
if (target !== null) mount(Root, { target, props: { app: new App(api, takeFirst(document)) } });
