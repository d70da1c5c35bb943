/* In front of all else: notes what goes wrong and what the page tries to load. */
window.seen = {errors: [], requests: []};
addEventListener('error', event => seen.errors.push(String(event.message)));
addEventListener('unhandledrejection', event => seen.errors.push(String(event.reason)));
addEventListener('securitypolicyviolation', event =>
    seen.requests.push(`${event.violatedDirective} ${event.blockedURI}`));
['error', 'warn'].forEach(level => {
    console[level] = (...words) => seen.errors.push(words.join(' '));
});
