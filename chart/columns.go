package chart

import (
	"image/color"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// maxLabel is how many characters of a column's label are written.
const maxLabel = 8

// columns draws the counts below top.
func (p Picture) columns(c draw.Canvas, top vg.Length) error {
	left, wide := c.Min.X+margin, vg.Length(width-2*margin)
	write(c, bold(12.5, ink), left, top-22, wide, p.Columns.Title)
	bottom := top - columnHigh
	line(c, left, top-4, left+wide, top-4, rule)
	line(c, left, bottom-2, left+wide, bottom-2, rule)
	most := p.Columns.most()
	if most == 0 {
		write(c, plain(12, inkSoft), left, top-50, wide, p.Columns.None)
		return nil
	}
	p.Columns.legend(c, left, top-40)
	chart := plot.New()
	chart.BackgroundColor = color.Transparent
	axes(chart, most, p.Columns.Labels)
	if err := p.Columns.add(chart, wide); err != nil {
		return err
	}
	bounds(chart, most, len(p.Columns.Labels))
	area := draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{
		Min: vg.Point{X: left, Y: bottom + 8}, Max: vg.Point{X: left + wide, Y: top - 50}}}
	chart.Draw(area)
	return nil
}

// most is the height of the tallest column.
func (c Columns) most() int {
	most := 0
	for i := range c.Labels {
		sum := 0
		for _, s := range c.Stacks {
			sum += s.Counts[i]
		}
		most = max(most, sum)
	}
	return most
}

// add puts the stacks on each other.
func (c Columns) add(chart *plot.Plot, wide vg.Length) error {
	thick := min(24, (wide-30)/vg.Length(len(c.Labels))*7/10)
	var below *plotter.BarChart
	for _, s := range c.Stacks {
		values := make(plotter.Values, len(s.Counts))
		for i, n := range s.Counts {
			values[i] = float64(n)
		}
		bars, err := plotter.NewBarChart(values, thick)
		if err != nil {
			return err
		}
		bars.Color, bars.LineStyle.Width = tones[s.Tone], 0
		if below != nil {
			bars.StackOn(below)
		}
		below = bars
		chart.Add(bars)
	}
	return nil
}

func (c Columns) legend(canvas draw.Canvas, left, y vg.Length) {
	for _, s := range c.Stacks {
		sty := plain(11, inkSoft)
		fill(canvas, left, y-1, 9, 9, tones[s.Tone])
		write(canvas, sty, left+14, y, 200, s.Name)
		left += 14 + sty.Width(s.Name) + 18
	}
}

// axes are a quiet grid of whole numbers, and the labels below.
func axes(chart *plot.Plot, most int, labels []string) {
	step := stepFor(most)
	var up, along []plot.Tick
	for n := 0; n < most+step; n += step {
		up = append(up, plot.Tick{Value: float64(n), Label: strconv.Itoa(n)})
	}
	for i, label := range labels {
		if runes := []rune(label); len(runes) > 0 {
			along = append(along, plot.Tick{Value: float64(i), Label: string(runes[:min(maxLabel, len(runes))])})
		}
	}
	grid := plotter.NewGrid()
	grid.Vertical.Width, grid.Horizontal.Width = 0, 0.7
	grid.Vertical.Color, grid.Horizontal.Color = nil, rule
	chart.Add(grid)
	for _, a := range []*plot.Axis{&chart.X, &chart.Y} {
		a.Tick.Label.Font, a.Tick.Label.Color = plain(10.5, inkSoft).Font, inkSoft
		a.Tick.Length, a.Tick.LineStyle.Width, a.LineStyle.Width = 0, 0, 0
		a.Padding = 4
	}
	chart.X.Padding = 0
	chart.X.LineStyle.Width, chart.X.LineStyle.Color = 0.8, inkSoft
	chart.X.Tick.Marker, chart.Y.Tick.Marker = plot.ConstantTicks(along), plot.ConstantTicks(up)
}

// bounds sets how far the axes reach, when all is there that would widen them.
func bounds(chart *plot.Plot, most, n int) {
	step := stepFor(most)
	chart.X.Min, chart.X.Max = -0.6, float64(n)-0.4
	chart.Y.Min, chart.Y.Max = 0, float64((most+step-1)/step*step)
}

// stepFor is the distance of the lines of the grid: 1, 2 or 5 times a power of ten, so that there are at most six.
func stepFor(most int) int {
	for power := 1; ; power *= 10 {
		for _, n := range []int{1, 2, 5} {
			if most <= 5*n*power {
				return n * power
			}
		}
	}
}
