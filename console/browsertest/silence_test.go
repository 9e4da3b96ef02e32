package browsertest_test

import "testing"

// A node that hangs keeps its connections, so the browser reports nothing.
func TestAPageSaysThatItsNodeIsSilent(t *testing.T) {
	s := open(t)
	p := tab(t, s.URL, false)
	p.login(adminToken)
	p.wait(figure("1001", "left") + ` === '100' && document.querySelector('.pill').dataset.link === 'live'`)
	title := value[string](p, `document.title`)

	p.click(`#switch button`)
	p.write(`dialog input[name=confirm]`, "OFF")
	thaw := s.freeze()
	p.click(`dialog .primary`)
	p.wait(`document.querySelector('dialog .primary').textContent === 'Working…'`)
	p.wait(`/^no news for \d+ s$/.test(document.querySelector('.pill').textContent) && document.querySelector('.pill').dataset.link === 'silent'`)
	p.wait(`document.title.startsWith('no news for ') && document.querySelector('.banner:not([hidden])')?.textContent.includes('has sent nothing')`)
	p.wait(`document.querySelector('dialog .fault:not([hidden])')?.textContent.startsWith('No answer for 10 s. It may still take effect')`)

	thaw()
	p.wait(`!document.querySelector('dialog') && document.querySelector('#switch').dataset.state === 'bad'`)
	p.wait(`document.querySelector('.banner').hidden && document.title === '` + title + `'`)
}

// tenfold makes the page's timers ten times as fast.
const tenfold = `(((later, abort) => {
	window.setTimeout = (f, ms, ...values) => later(f, ms / 10, ...values);
	AbortSignal.timeout = (ms) => abort.call(AbortSignal, ms / 10);
})(window.setTimeout, AbortSignal.timeout), true)`

// A stream whose other end has lost power is given up for requests, which fail in time.
func TestAPageWhoseStreamStaysSilentAsksAgain(t *testing.T) {
	s := open(t)
	p := tab(t, s.URL, false)
	value[bool](p, tenfold)
	p.login(readToken)
	thaw := s.freeze()
	p.wait(`document.querySelector('.pill').dataset.link === 'lost' && document.title.startsWith('disconnected')`)
	thaw()
	p.wait(`['polling', 'live'].includes(document.querySelector('.pill').dataset.link)`)
}
