package browsertest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/seckill-go/seckill/stock"
)

// figure is the number under a goods' bar.
func figure(goods, part string) string {
	return `document.querySelector('[data-goods="` + goods + `"] [data-part=` + part + `] b')?.textContent`
}

// widths are the bar's parts as they are drawn, in pixels.
const widths = `Object.fromEntries([...document.querySelectorAll('[data-goods="1001"] .bar i')].map((i) => [i.className, i.getBoundingClientRect().width]))`

func TestAnOperatorWatchesASaleAndStopsIt(t *testing.T) {
	s := open(t)
	p := tab(t, s.URL, false)
	p.login(adminToken)
	p.wait(figure("1001", "left") + ` === '100'`)

	s.crowd("early", "1001", 40)
	p.wait(figure("1001", "left") + ` === '60' && ` + figure("1001", "unpaid") + ` === '40'`)
	drawn := value[map[string]float64](p, widths)
	all := drawn["paid"] + drawn["unpaid"] + drawn["held"] + drawn["left"]
	if share := drawn["unpaid"] / all; all < 200 || share < 0.39 || share > 0.41 {
		t.Errorf("40 of 100 units are sold; the bar says %v", drawn)
	}
	p.wait(`document.querySelectorAll('[data-goods="1001"] .check[data-ok=yes]').length === 2`)
	p.wait(`document.querySelector('.area.c1')`)
	for _, line := range []string{"c1", "c2", "c5", "c6"} { // p50 and p99 of times and of sizes
		p.wait(`document.querySelector('.line.` + line + `')?.getAttribute('d').startsWith('M')`)
	}
	p.wait(`/^[\d.]+ \/ [\d.]+ ms$/.test(document.querySelectorAll('.tile b')[2].textContent) && /^\d+ \/ \d+$/.test(document.querySelectorAll('.tile b')[3].textContent)`)
	p.wait(`document.querySelector('[data-goods="1001"] [data-lease]').textContent.startsWith('lease: node-a (this node) · shared, fence ')`)
	p.wait(`document.querySelector('[data-goods="1002"] [data-lease]').textContent === 'lease: no node holds it now'`)

	p.click(`#switch button`)
	p.write(`dialog input[name=confirm]`, "of")
	p.wait(`document.querySelector('dialog .primary').disabled`)
	p.shoot("switch-off", false)
	p.write(`dialog input[name=confirm]`, "OFF")
	p.click(`dialog .primary`)
	p.wait(`!document.querySelector('dialog')`)
	p.wait(`document.querySelector('#switch').dataset.state === 'bad'`)
	p.wait(`document.querySelector('[data-goods="1001"] .badge').dataset.state === 'disabled'`)
	if order := s.buy("late", "1001"); order != "" {
		t.Error("the switch is off, and somebody bought")
	}

	p.click(`#switch button`)
	p.write(`dialog input[name=confirm]`, "ON")
	p.click(`dialog .primary`)
	p.wait(`document.querySelector('#switch').dataset.state === 'good'`)
	if order := s.buy("late", "1001"); order == "" {
		t.Error("the switch is on, and nobody can buy")
	}

	p.click(`a[href="#audit"]`)
	p.wait(`[...document.querySelectorAll('tbody tr')].filter((tr) => tr.innerText.includes('Enabled: true → false') && tr.innerText.includes('console, token')).length === 1`)
	p.shoot("audit", false)
}

func TestEveryActionDoesWhatItSays(t *testing.T) {
	s := open(t)
	p := tab(t, s.URL, false, "409")
	p.login(adminToken)
	confirm := func(word string) {
		t.Helper()
		p.write(`dialog input[name=confirm]`, word)
		p.click(`dialog .primary`)
		p.wait(`!document.querySelector('dialog')`)
	}
	on := func(goods, act string) string { return `[data-goods="` + goods + `"] [data-act=` + act + `]` }

	p.click(on("1004", "total"))
	p.write(`dialog input[name=to]`, "25")
	p.wait(`document.querySelector('.impact').textContent.includes('15 more units')`)
	confirm("1004")
	p.wait(figure("1004", "left") + ` === '25'`)

	s.crowd("buyer", "1004", 20)
	p.wait(figure("1004", "left") + ` === '5'`)
	p.click(on("1004", "total"))
	p.write(`dialog input[name=to]`, "12")
	p.write(`dialog input[name=confirm]`, "1004")
	p.click(`dialog .primary`)
	p.wait(`document.querySelector('dialog .fault:not([hidden])')?.textContent === 'more units are sold or held than that'`)
	p.write(`dialog input[name=to]`, "22")
	p.wait(`document.querySelector('.impact').textContent.includes('3 fewer units')`)
	p.click(`dialog .primary`)
	p.wait(`!document.querySelector('dialog')`)
	p.wait(figure("1004", "left") + ` === '2'`)

	p.click(on("1004", "preload"))
	confirm("1004")

	p.click(on("1002", "reconcile"))
	p.click(`dialog .primary`)
	p.wait(`document.querySelector('dialog .good')`)
	p.click(`dialog button:not(.primary)`)

	p.click(on("1002", "end"))
	confirm("1002")
	p.wait(`document.querySelector('[data-goods="1002"] .badge').dataset.state === 'ended'`)
	p.wait(`document.querySelector('[data-goods="1002"] [data-act=end]').disabled`)

	p.click(`.tile:nth-child(2) button`)
	p.write(`dialog input[name=limit]`, "7")
	p.write(`dialog input[name=window]`, "90s")
	confirm("7")
	p.wait(`document.querySelector('.tile:nth-child(2) b').textContent === '7 in 1m30s'`)

	p.click(`a[href="#blacklist"]`)
	p.wait(`document.querySelector('.empty')`)
	p.click(`main .primary`)
	p.write(`dialog input[name=user]`, "mallory")
	p.write(`dialog input[name=reason]`, "bot")
	confirm("mallory")
	p.wait(`document.querySelector('tbody').innerText.includes('mallory')`)
	p.click(`tbody button`)
	confirm("mallory")
	p.wait(`document.querySelector('.empty')`)

	p.click(`a[href="#audit"]`)
	for _, row := range []string{ // the latest first
		"blacklist remove mallory", "blacklist add mallory User: mallory · Reason: bot", "rate limit settings RateLimit.Limit: 10 → 7 · RateLimit.Window: 60 s → 90 s",
		"put goods 1002 EndsAt: ", "preload 1004", "put goods 1004 Total: 25 → 22", "put goods 1004 failed: ", "put goods 1004 Total: 10 → 25",
	} {
		p.wait(`[...document.querySelectorAll('tbody tr')].some((tr) => [...tr.children].slice(2).map((td) => td.innerText).join(' ').startsWith('` + row + `'))`)
	}
	p.shoot("audit-of-actions", false)
}

func TestReconcileMendsWhatItsDryRunHasShown(t *testing.T) {
	s := open(t)
	if _, err := s.gate.Reserve(t.Context(), "1001", 0, []stock.Request{{Attempt: "nobodys", User: "nobody", Quantity: 20}}); err != nil {
		t.Fatal(err)
	}
	p := tab(t, s.URL, false)
	p.login(adminToken)
	p.wait(figure("1001", "held") + ` === '20' && ` + figure("1001", "left") + ` === '80'`)
	p.click(`[data-goods="1001"] [data-act=reconcile]`)
	p.click(`dialog .primary`)
	p.wait(`document.querySelector('dialog .impact').textContent.includes('held: 20 units of nobody under way')`)
	p.wait(figure("1001", "held") + ` === '20'`) // nothing is changed yet
	p.shoot("reconcile", false)
	p.write(`dialog input[name=confirm]`, "1001")
	p.click(`dialog .primary`)
	p.wait(figure("1001", "held") + ` === '0' && ` + figure("1001", "left") + ` === '100'`)
}

// steps are the names of a timeline's moments, in their order.
const steps = `[...document.querySelectorAll('.timeline li')].map((li) => li.dataset.step).join(' ')`

func TestAnOrdersLifeIsFoundByGoodsByUserAndById(t *testing.T) {
	s := open(t)
	order := s.buy("alice", "1001")
	s.pay("alice", order)
	other := s.buy("bob", "1002")
	p := tab(t, s.URL, false, "404")
	p.login(adminToken)
	p.wait(figure("1001", "paid") + ` === '1'`)
	p.click(`a[href="#orders"]`)
	p.wait(`document.querySelector('tbody .link')?.textContent === '` + order + `'`) // the first goods', unasked
	p.click(`a[href="#sales"]`)
	p.click(`[data-goods="1002"] a[href="#orders/1002"]`)
	p.wait(`document.querySelector('tbody .link')?.textContent === '` + other + `'`)

	p.do(chromedp.SetValue(chromedp.CSS(`select[name=by]`), "user"))
	p.write(`input[name=id]`, "alice\r")
	p.wait(`document.querySelector('tbody .badge')?.dataset.state === 'paid'`)
	p.click(`tbody .link`)
	whole := []string{"ticket requested committed event_sent paid", "ticket requested committed paid event_sent"}
	p.wait(steps + ` === '` + whole[0] + `' || ` + steps + ` === '` + whole[1] + `'`)
	if by := value[string](p, `document.querySelector('[data-step=committed] .node').textContent`); by != "by node-a" {
		t.Errorf("committed %q", by)
	}
	if took := value[int](p, `[...document.querySelectorAll('.timeline small:not(.node)')].filter((e) => /^\+[\d.]+ m?s$/.test(e.textContent)).length`); took != 4 {
		t.Errorf("%d steps say how long they took", took)
	}
	p.do(chromedp.SetValue(chromedp.CSS(`select[name=by]`), "order"))
	p.write(`input[name=id]`, other+"\r")
	p.wait(`document.querySelectorAll('tbody .link').length === 1 && ` + steps + `.endsWith('pay_by')`)
	p.wait(`document.querySelector('[data-due=yes] small')?.textContent.startsWith('in ')`)
	p.write(`input[name=id]`, order+"\r")
	p.wait(steps + `.includes('paid')`)
	p.shoot("order", false)
	p.write(`input[name=id]`, "00000000-0000-7000-8000-000000000000\r")
	p.wait(`document.querySelector('[role=alert].fault:not([hidden])')?.textContent === 'There is no such order.'`)
	p.do(chromedp.SetValue(chromedp.CSS(`select[name=by]`), "user"))
	p.write(`input[name=id]`, "nobody\r")
	p.wait(`document.querySelector('main .empty')?.textContent === 'No orders yet.'`)
}

func TestTheOlderOrdersOfAGoodsComeByTheButton(t *testing.T) {
	s := open(t)
	s.crowd("buyer", "1001", 60)
	p := tab(t, s.URL, false)
	p.login(readToken)
	p.wait(figure("1001", "left") + ` === '40'`)
	p.click(`a[href="#orders/1001"]`)
	p.wait(`document.querySelectorAll('tbody .link').length === 50`)
	p.click(`main .card > div > button`)
	p.wait(`document.querySelectorAll('tbody .link').length === 60 && document.querySelector('main .card > div > button').hidden`)
	if different := value[int](p, `new Set([...document.querySelectorAll('tbody .link')].map((b) => b.textContent)).size`); different != 60 {
		t.Errorf("%d different orders", different)
	}
}

func TestAnObserverSeesEverythingAndHasNoButtons(t *testing.T) {
	s := open(t)
	p := tab(t, s.URL, false, "401")
	p.write(`input[name=token]`, "a-token-of-somebody-else\r")
	p.wait(`document.querySelector('.fault')?.textContent === 'This token is not known here.'`)
	p.login(readToken)
	p.wait(figure("1001", "left") + ` === '100'`)
	if buttons := value[int](p, `document.querySelectorAll('main button').length`); buttons != 0 {
		t.Errorf("an observer has %d buttons", buttons)
	}
	p.click(`#logout`)
	p.wait(`document.querySelector('input[name=token]')`)
}

func TestAPageWithoutAStreamAsksInstead(t *testing.T) {
	s := openFor(t, 1)
	first, second := tab(t, s.URL, false), tab(t, s.URL, false, "503")
	first.login(readToken)
	second.write(`input[name=token]`, readToken+"\r")
	second.wait(`document.querySelector('.pill')?.dataset.link === 'polling'`)
	s.crowd("buyer", "1001", 3)
	second.wait(figure("1001", "left") + ` === '97'`)
	first.wait(figure("1001", "left") + ` === '97'`)
}

func TestATitleIsNeverMarkup(t *testing.T) {
	s := open(t)
	const title = `<img src=x onerror=alert(1)>`
	s.sell("evil", title, 10, 0)
	p := tab(t, s.URL, false)
	p.login(adminToken)
	p.wait("document.querySelector('[data-goods=evil] h2')?.textContent === 'evil · " + title + "'")
	p.click(`a[href="#audit"]`)
	p.wait("document.querySelector('tbody')?.innerText.includes('" + title + "')")
}

func TestAPageThatLosesItsServerSaysSo(t *testing.T) {
	s := open(t)
	p := tab(t, s.URL, false, "ERR_")
	p.login(adminToken)
	p.wait(figure("1001", "left") + ` === '100'`)
	s.CloseClientConnections()
	s.Listener.Close()
	p.wait(`document.querySelector('.pill').dataset.link === 'lost' && !document.querySelector('.banner').hidden`)
	p.wait(figure("1001", "left") + ` === '100'`) // the last that is known stays
	p.shoot("disconnected", false)
}

func TestTheKeyboardIsEnough(t *testing.T) {
	s := open(t)
	p := tab(t, s.URL, false)
	p.login(adminToken)
	p.wait(figure("1001", "left") + ` === '100'`)
	press := func(keys string) {
		t.Helper()
		p.do(chromedp.KeyEvent(keys))
	}
	reach := func(what string) {
		t.Helper()
		for range 40 {
			if value[bool](p, `document.activeElement.matches(`+"`"+what+"`"+`)`) {
				return
			}
			press("\t")
		}
		t.Fatalf("40 tabs do not lead to %s", what)
	}
	reach(`#switch button`)
	press("\r")
	p.wait(`document.activeElement.matches('dialog input[name=confirm]')`)
	press(kb.Escape)
	p.wait(`!document.querySelector('dialog') && document.activeElement.matches('#switch button')`)
	press("\r")
	press("OFF\r")
	p.wait(`document.querySelector('#switch').dataset.state === 'bad'`)
	reach(`[data-goods="1004"] [data-act=end]`)
}

// somethingForTheCharts has a crowd buy, be refused and pay, for some seconds.
func (s *shop) somethingForTheCharts(p *page, name string) {
	_, err := s.engine.Admin("start").Ban(s.t.Context(), "mallory", "a bot", 0)
	must(s.t, err)
	for i := range *seconds {
		wave := fmt.Sprintf("%s-%d", name, i)
		size := 2 + i*i%7
		s.crowd(wave, "1003", size/2+1)
		s.crowd(wave, "1002", size/3)
		s.crowd(wave, "1004", 2*size)
		for range size / 2 {
			s.buy("mallory", "1001")
			s.buy("impatient", "1001")
		}
		p.wait(fmt.Sprintf(`Date.now() > %f + 1000`, value[float64](p, `Date.now()`)))
	}
}

func TestThePageFitsEveryScreen(t *testing.T) {
	s := open(t)
	s.crowd("buyer", "1001", 57)
	s.crowd("buyer", "1002", 23)
	s.crowd("buyer", "1003", 60)
	s.crowd("buyer", "1004", 14)
	for i, order := range s.orders {
		if i%3 != 0 {
			o, err := s.engine.AnyOrder(t.Context(), order)
			must(t, err)
			s.pay(o.UserID, order)
		}
	}
	for _, look := range []struct {
		name  string
		dark  bool
		width int64
		wide  int64
	}{{"light", false, 1280, 900}, {"dark", true, 1280, 900}, {"phone", false, 390, 844}, {"phone-dark-zh", true, 390, 844}} {
		t.Run(look.name, func(t *testing.T) {
			p := tab(t, s.URL, look.dark)
			p.do(chromedp.EmulateViewport(look.width, look.wide))
			p.login(adminToken)
			if strings.HasSuffix(look.name, "zh") {
				p.click(`#language`)
				p.wait(`document.documentElement.lang === 'zh-CN' && document.querySelector('nav a').textContent === '秒杀'`)
			}
			s.somethingForTheCharts(p, look.name)
			p.wait(`document.querySelector('.area')`)
			if value[bool](p, `document.documentElement.scrollWidth > innerWidth`) {
				t.Error("the page is wider than the screen")
			}
			p.shoot(look.name, true)
			fits := func(what string) {
				t.Helper()
				if value[bool](p, `document.documentElement.scrollWidth > innerWidth`) {
					t.Error(what + " is wider than the screen")
				}
				p.shoot(look.name+"-"+what, false)
			}
			p.click(`a[href="#orders"]`)
			p.click(`tbody .link`)
			p.wait(`document.querySelector('.timeline li')`)
			fits("orders")
			p.click(`a[href="#blacklist"]`)
			p.wait(`document.querySelector('tbody button')`)
			fits("blacklist")
			p.click(`a[href="#audit"]`)
			p.wait(`document.querySelector('tbody summary')`)
			fits("audit")
			p.click(`#theme`)
			ground := value[string](p, `getComputedStyle(document.body).backgroundColor`)
			if light := ground == "rgb(244, 246, 248)"; light != look.dark {
				t.Errorf("the other theme has the ground %s", ground)
			}
		})
	}
}

func TestALoginOnOneNodeIsGoodOnTheOther(t *testing.T) {
	first, second := open(t), open(t)
	p := tab(t, first.URL, false)
	p.login(adminToken)
	p.do(chromedp.Navigate(second.URL + "/console/")) // a browser's cookies are those of the host, whatever the port
	p.wait(`document.querySelector('.pill')?.dataset.link === 'live'`)
	p.wait(`document.querySelector('#switch button')`)
}

func TestAShopWithoutGoodsSaysSo(t *testing.T) {
	s := openEmpty(t, 0)
	p := tab(t, s.URL, false)
	p.login(adminToken)
	p.wait(`document.querySelector('.sales .empty')?.textContent.startsWith('Nothing is on sale yet.')`)
	p.shoot("empty", false)
	p.click(`a[href="#orders"]`)
	p.wait(`document.querySelector('main .quiet')?.textContent.startsWith('Look up the latest orders')`)
	s.sell("2001", "Mooncakes", 10, 0)
	p.click(`a[href="#sales"]`)
	p.wait(figure("2001", "left") + ` === '10'`)
}

func TestAPageThatHasNoNumbersYetSaysThatItLoads(t *testing.T) {
	s := open(t)
	release := s.hold("/console/api/stream")
	p := tab(t, s.URL, false)
	p.write(`input[name=token]`, adminToken+"\r")
	p.wait(`document.querySelector('.sales .loading')?.textContent === 'Loading…' && document.querySelector('.pill').textContent === 'Loading…'`)
	if enabled := value[int](p, `document.querySelectorAll('main button:enabled').length`); enabled != 0 {
		t.Errorf("%d buttons are for what is not known yet", enabled)
	}
	p.shoot("loading", false)
	release()
	p.wait(figure("1001", "left") + ` === '100' && !document.querySelector('.loading') && document.querySelector('#switch button:enabled')`)
}
