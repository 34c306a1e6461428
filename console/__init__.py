"""The stewards' and analysts' web application: reads the published warehouse per request, writes decisions only."""
