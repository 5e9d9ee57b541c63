#!/bin/sh
# Cuts the North Sea out of ETOPO5: 5 W .. 13 E, 50 N .. 62 N, every 5 minutes of arc, 217 x 145 points.
# Usage: sh cut_north_sea.sh [etopo5.cdf]     (Debian: apt install ferret-datasets nco netcdf-bin)
# Writes north_sea_etopo5.nc beside this script; the same input gives the same bytes.
set -eu
cd "$(dirname "$0")"
source=${1:-/usr/share/ferret-vis/data/etopo5.cdf}
target=north_sea_etopo5.nc
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The global grid runs from 0 E eastwards; a first index above the last makes ncks go round the date of the splice:
# columns 4260 .. 4319 (5 W and on), then 0 .. 156 (to 13 E). Rows count from 90 S.
cut='ncks -4 -v ROSE -d ETOPO05_X,4260,156 -d ETOPO05_Y,1680,1824 etopo5.cdf'
ncks -h -4 -v ROSE -d ETOPO05_X,4260,156 -d ETOPO05_Y,1680,1824 "$source" "$work/cut.nc"
ncrename -h -d ETOPO05_X,lon -v ETOPO05_X,lon -d ETOPO05_Y,lat -v ETOPO05_Y,lat -v ROSE,elevation "$work/cut.nc"

# Whole metres fit 16 bits. The file's longitudes are stretched by 1e-5 (they end at 359.92 instead of 359.9167):
# give both axes back their exact multiples of 5 minutes.
grid='lon=-5.0+array(0,1,$lon)/12.0; lat=50.0+array(0,1,$lat)/12.0; elevation=short(rint(elevation))'
ncap2 -h -O -s 'lon=-5.0+array(0,1,$lon)/12.0; lat=50.0+array(0,1,$lat)/12.0' "$work/cut.nc" "$work/axes.nc"
ncatted -h -a ,elevation,d,, -a ,lon,d,, -a ,lat,d,, -a ,global,d,, "$work/axes.nc"
ncap2 -h -O -s 'elevation=short(rint(elevation))' "$work/axes.nc" "$work/whole.nc"

ncatted -h \
    -a standard_name,lon,o,c,longitude -a long_name,lon,o,c,'longitude of the grid point' \
    -a units,lon,o,c,degrees_east -a axis,lon,o,c,X \
    -a standard_name,lat,o,c,latitude -a long_name,lat,o,c,'latitude of the grid point' \
    -a units,lat,o,c,degrees_north -a axis,lat,o,c,Y \
    -a standard_name,elevation,o,c,height_above_mean_sea_level -a long_name,elevation,o,c,'height of the solid surface, negative under water' \
    -a units,elevation,o,c,m \
    -a Conventions,global,o,c,CF-1.11 \
    -a title,global,o,c,'North Sea: cut-out of ETOPO5, 5-minute relief of the surface of the Earth' \
    -a institution,global,o,c,'NOAA National Geophysical Data Center (data); cut out by the Seiche project' \
    -a source,global,o,c,'ETOPO5 (1988; revised 1993): etopo5.cdf of Debian package ferret-datasets 7.6.0-5' \
    -a references,global,o,c,'Data Announcement 88-MGG-02, Digital relief of the Surface of the Earth. NOAA, National Geophysical Data Center, Boulder, Colorado, 1988' \
    -a license,global,o,c,'Work of the United States Government, in the public domain' \
    -a date_created,global,o,c,2026-11-24 \
    -a history,global,o,c,"$cut; ncrename to lon, lat, elevation; ncap2 -s '$grid' (data/bathymetry/cut_north_sea.sh)" \
    "$work/whole.nc"

nccopy -4 -s -d 9 -c lat/145,lon/217 "$work/whole.nc" "$target"
sha256sum "$target"
