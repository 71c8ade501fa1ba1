package sandbox

import "time"

// owner is Acme's organisation on GitHub.
const owner = "acme"

// service is one of Acme's services: its repository's story and how its deployments go.
type service struct {
	name        string
	team        string
	about       string
	pace        time.Duration  // what a step of a deployment takes, about
	inputs      []string       // what its workflow takes beside the commit and the environment
	records     string         // folder of the decisions that are kept with it; "" for none
	flaky       int            // every flaky-th deployment fails; 0 never
	history     []string       // commits on main, oldest first
	pulls       []change       // merged last, oldest first
	open        []waiting      // still open
	debts       []debt         // issues of technical debt
	runs        []pastRun      // of its tests on main, after the last push
	environment map[string]int // environment → how many commits behind main it runs
	tags        map[string]int // tag → how many commits behind main
}

// change is a pull request.
type change struct {
	branch string
	who    string
	title  string
	body   string
	closes string // an issue that is reported before, and that the description says it closes; "" for none
}

// waiting is a pull request that is open.
type waiting struct {
	change
	age   time.Duration
	asks  []string // people whose review is awaited
	team  string   // and a team
	draft bool
}

// debt is an issue of technical debt.
type debt struct {
	who, title string
	age        time.Duration
	taken      string // whose it is, if anybody's
}

// pastRun is how the tests went on main some time ago.
type pastRun struct {
	who      string
	attempts []string
	age      time.Duration
}

// robot updates Acme's dependencies.
const robot = "renovate[bot]"

const day = 24 * time.Hour

var services = []service{
	{
		name: "checkout", team: "payments", about: "Basket to paid order", pace: 4 * time.Second,
		history: []string{"Start from the service template", "Add the basket API", "Store orders with an idempotency key",
			"Charge through the ledger", "Handle declined cards", "Add vouchers", "Time out stuck payments after 30 s",
			"Send order confirmations", "Support several currencies", "Round prices per line, not per basket",
			"Reject empty baskets", "Trace payments end to end", "Retry the ledger only on safe errors",
			"Add Apple Pay", "Add Google Pay", "Cache tax rates for an hour", "Remove the old basket format",
			"Log the order number everywhere", "Bump dependencies", "Speed up the order page"},
		pulls: []change{
			{"express-checkout", "ana", "Offer express checkout on mobile", "One page, one button. Behind a flag until Monday.\n\n## Risks\nNew path for saved cards.", ""},
			{"vat-ch", "ben", "Round Swiss VAT to 0.05", "Fixes the rounding on receipts for Switzerland.", "Swiss receipts are a centime off"},
			{"basket-limit", "ana", "Limit a basket to 200 lines", "Larger ones time out in the tax service.", ""},
		},
		open: []waiting{
			{change: change{"fix/double-voucher", "ben", "Apply a voucher only once", "Two tabs could both redeem it.", "A voucher was redeemed twice"}, age: 4 * day, asks: []string{"ana"}},
			{change: change{"pay-later", "ana", "Pay later", "Work in progress with the finance team.", ""}, age: 5 * time.Hour},
			{change: change{"renovate/money-3", robot, "Update money to v3", "", ""}, age: 2 * day},
		},
		debts:       []debt{{"ben", "Two clocks decide when a basket expires", 20 * time.Minute, ""}, {"ana", "Delete the old voucher tables", 190 * day, ""}},
		environment: map[string]int{"staging": 2, "production": 5},
		tags:        map[string]int{"v2.14.0": 9, "v2.15.0": 5},
	},
	{
		name: "ledger", team: "payments", about: "Double-entry bookkeeping", pace: 6 * time.Second,
		history: []string{"Start from the service template", "Post journal entries", "Balance per account",
			"Refuse unbalanced entries", "Close a month", "Export for the auditors", "Store money as integers",
			"Index entries by order", "Reverse an entry instead of deleting it", "Add read replicas",
			"Reconcile with the bank every night", "Alert when a balance is off", "Bump dependencies",
			"Drop the unused reports", "Keep seven years of entries", "Page through the journal",
			"Measure posting latency", "Run migrations before the rollout"},
		pulls: []change{
			{"faster-close", "ben", "Close a month in one transaction", "From eleven minutes to forty seconds.", "Closing a month takes eleven minutes"},
			{"iban-check", "ana", "Check IBANs when they are entered", "", ""},
		},
		open:        []waiting{{change: change{"partition-journal", "ben", "Partition the journal by month", "Needs a long migration, to be planned.", ""}, age: 9 * day, team: "platform"}},
		debts:       []debt{{"ben", "Three ways to round an amount", 74 * day, ""}},
		runs:        []pastRun{{"ben", []string{"failure", "success"}, 50 * time.Minute}},
		environment: map[string]int{"staging": 1, "production": 3},
		tags:        map[string]int{"v1.8.0": 6, "v1.9.0": 3},
	},
	{
		name: "catalog", team: "storefront", about: "Products, prices, stock", pace: 3 * time.Second, records: "acme/storefront-decisions",
		history: []string{"Start from the service template", "Import products from the ERP", "Serve product pages",
			"Add variants", "Add stock levels", "Cache product pages", "Sort by popularity", "Translate categories",
			"Serve images in WebP", "Add facets", "Count facets in the index", "Add price history",
			"Hide products without a price", "Warm the cache after a deploy", "Bump dependencies", "Fix the size chart",
			"Limit facets to fifty", "Add badges for new products"},
		pulls: []change{
			{"facet-count", "dev", "Count facets with empty filters", "The count was off by one when a filter was empty.\n\n## Risks\nCached pages show old counts for up to 5 minutes.", "A facet counts one product too many"},
			{"sale-badge", "emi", "Show the sale badge from Monday on", "", ""},
			{"stock-events", "chloe", "Read stock from events", "Instead of polling the warehouse every minute.", ""},
		},
		open:        []waiting{{change: change{"bundles", "dev", "Product bundles", "First part: the data model.", ""}, age: 6 * day, asks: []string{"chloe", "emi"}}},
		debts:       []debt{{"chloe", "Prices are cached in four places", 120 * day, ""}},
		environment: map[string]int{"staging": 3, "production": 4},
		tags:        map[string]int{"v5.2.0": 4},
	},
	{
		name: "search-ui", team: "storefront", about: "Search box and results", pace: 4 * time.Second, flaky: 2,
		history: []string{"Start from the front-end template", "Search as you type", "Show facets", "Keyboard navigation",
			"Highlight matches", "Remember the last searches", "Show did-you-mean", "Lazy-load results",
			"Test in a real browser", "Add dark mode", "Announce results to screen readers", "Bump dependencies",
			"Cut the bundle by a third", "Measure time to first result", "Fix the back button", "Swipe between filters"},
		pulls: []change{
			{"synonyms", "emi", "Show why a result matched a synonym", "", "Why does \"sofa\" find couches?"},
			{"empty-results", "chloe", "Offer help when nothing is found", "Suggests categories and a contact link.", ""},
		},
		open:        []waiting{{change: change{"fix/browser-pool", "emi", "Give each test its own browser", "The pool runs dry at night.", ""}, age: 3 * time.Hour, team: "storefront"}},
		runs:        []pastRun{{"chloe", []string{"failure"}, 7 * time.Hour}, {"emi", []string{"failure", "failure"}, 4 * time.Hour}},
		environment: map[string]int{"staging": 1, "production": 2},
		tags:        map[string]int{"v3.0.0": 7, "v3.1.0": 2},
	},
	{
		name: "gateway", team: "platform", about: "The edge: routing and limits", pace: 2 * time.Second, inputs: []string{"region", "canary"},
		history: []string{"Start from the proxy template", "Route by host", "Terminate TLS", "Limit requests per client",
			"Add circuit breakers", "Reload routes without a restart", "Log in the common format", "Add HTTP/3",
			"Drain connections before stopping", "Bump dependencies", "Return 503 with Retry-After", "Mirror traffic to staging",
			"Block bad bots", "Trim response headers"},
		pulls: []change{
			{"canary-header", "greta", "Route canaries by header", "", ""},
			{"sale-limits", "farid", "Raise the limits for the sale", "From Monday 8:00 until Friday.\n\n## Risks\nMore load on catalog.", "The sale ran into our own limits last year"},
		},
		open:        []waiting{{change: change{"wasm-filters", "greta", "Filters in WebAssembly", "An experiment.", ""}, age: 11 * day, draft: true}},
		debts:       []debt{{"farid", "Routes are written in two formats", 150 * day, "greta"}},
		environment: map[string]int{"staging": 1, "production": 1},
		tags:        map[string]int{"v0.31.0": 1},
	},
}

func serviceNamed(name string) (service, bool) {
	for _, s := range services {
		if s.name == name {
			return s, true
		}
	}
	return service{}, false
}

func (s service) repo() string { return owner + "/" + s.name }
