//! Several rounds of one measurement.

/// What the rounds of one measurement gave.
#[derive(Debug, Default)]
pub(crate) struct Numbers(Vec<f64>);

impl From<Vec<f64>> for Numbers {
    fn from(mut numbers: Vec<f64>) -> Self {
        numbers.sort_by(f64::total_cmp);
        Self(numbers)
    }
}

impl Numbers {
    /// Measures so many rounds.
    pub(crate) fn of(rounds: usize, mut measure: impl FnMut() -> anyhow::Result<f64>) -> anyhow::Result<Self> {
        let mut numbers = Self::default();
        for _ in 0..rounds {
            numbers.push(measure()?);
        }
        Ok(numbers)
    }

    /// Takes one more round.
    pub(crate) fn push(&mut self, number: f64) {
        self.0.push(number);
        self.0.sort_by(f64::total_cmp);
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the middle one.
    pub(crate) fn median(&self) -> f64 {
        self.0.get(self.0.len() / 2).copied().unwrap_or(f64::NAN)
    }

    /// Returns the least of which so many percent are not greater (nearest rank).
    pub(crate) fn percentile(&self, percent: f64) -> f64 {
        let rank = (percent / 100.0 * self.0.len() as f64).ceil() as usize;
        self.0.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
    }

    /// Writes name, median, unit, and the least and the greatest.
    pub(crate) fn row(&self, name: &str, unit: &str) -> String {
        let digits = usize::from(self.median() < 1_000.0);
        let least = self.0.first().copied().unwrap_or(f64::NAN);
        let greatest = self.0.last().copied().unwrap_or(f64::NAN);
        format!("{name:<52} {:>9.digits$} {unit:<4} ({least:.digits$}–{greatest:.digits$})", self.median())
    }

    /// Writes a row with its share of a peer.
    pub(crate) fn row_beside(&self, name: &str, unit: &str, peer: &Self, peer_name: &str) -> String {
        let share = 100.0 * self.median() / peer.median();
        format!("{}  {share:.0} % of {peer_name}", self.row(name, unit))
    }
}
