"""The leaderboard: who has done most, this week, this month, in all."""
