! Times of NetCDF files, "<unit> since YYYY-MM-DD[ hh:mm:ss]", as seconds since 2000-01-01 00:00:00.
module run_calendar
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use run_files
  use run_netcdf
  implicit none
  private
  public :: read_times, parse_units

contains

  ! The variable time(time), which must increase, in s since 2000-01-01 00:00:00; the calendar is the proleptic Gregorian one.
  subroutine read_times(file, times)
    type(nc_file), intent(in) :: file
    real(dp), allocatable, intent(out) :: times(:)
    character(len=:), allocatable :: units, calendar
    real(dp) :: origin, unit
    logical  :: good
    integer  :: k

    units = text_attribute(file, 'time', 'units')
    calendar = text_attribute(file, 'time', 'calendar')
    call parse_units(units, origin, unit, good)
    if (.not. good) call fail("the units of time in '"//file%path//"' are '"//units//"'", &
      remedy="write them as '<seconds, minutes, hours or days> since YYYY-MM-DD hh:mm:ss'")
    if (.not. any(calendar == [character(len=20) :: '', 'standard', 'gregorian', 'proleptic_gregorian'])) &
      call fail("the calendar of time in '"//file%path//"' is '"//calendar//"'", remedy='use the standard one')
    call read_values(file, 'time', times)
    times = origin + times*unit
    do k = 2, size(times)
      if (.not. times(k) > times(k-1)) call fail('time '//number_text(k)//" in '"//file%path// &
        "' is not later than the one before", &
        remedy='sort the times, and leave none twice')
    end do
  end subroutine read_times

  ! Splits units into the origin, s since 2000-01-01 00:00:00, and the length of a unit, s.
  pure subroutine parse_units(units, origin, unit, good)
    character(len=*), intent(in) :: units
    real(dp), intent(out) :: origin, unit
    logical, intent(out)  :: good
    character(len=32) :: date
    integer :: since, year, month, day, hour, minute, second, code
    integer, parameter :: longest(12) = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

    good = .false.
    origin = 0
    unit = 0
    since = index(units, ' since ')
    if (since == 0) return
    select case (trim(adjustl(units(:since))))
    case ('second', 'seconds', 's', 'sec', 'secs')
      unit = 1
    case ('minute', 'minutes', 'min', 'mins')
      unit = 60
    case ('hour', 'hours', 'h', 'hr', 'hrs')
      unit = 3600
    case ('day', 'days', 'd')
      unit = 86400
    case default
      return
    end select
    date = adjustl(units(since+7:))
    hour = 0
    minute = 0
    second = 0
    if (len_trim(date) /= 10 .and. len_trim(date) /= 19) return
    if (date(5:5) /= '-' .or. date(8:8) /= '-') return
    read (date, '(i4,1x,i2,1x,i2)', iostat=code) year, month, day
    if (code /= 0) return
    if (len_trim(date) == 19) then
      if (scan(date(11:11), ' T') == 0 .or. date(14:14) /= ':' .or. date(17:17) /= ':') return
      read (date(12:), '(i2,1x,i2,1x,i2)', iostat=code) hour, minute, second
      if (code /= 0) return
    end if
    if (month < 1 .or. month > 12) return
    if (day < 1 .or. day > longest(month) .or. hour < 0 .or. hour > 23 .or. minute < 0 .or. minute > 59 .or. second < 0 &
        .or. second > 59) return
    if (month == 2 .and. day == 29 .and. days(year, 3, 1) - days(year, 2, 1) < 29) return
    origin = (days(year, month, day) - days(2000, 1, 1))*86400.0_dp + hour*3600 + minute*60 + second
    good = .true.
  end subroutine parse_units

  ! Days of the proleptic Gregorian calendar from a fixed one; years begin in March here, so that leap days come last.
  pure integer function days(year, month, day)
    integer, intent(in) :: year, month, day
    integer :: y, m

    y = year
    m = month
    if (m < 3) then
      y = y - 1
      m = m + 12
    end if
    days = 365*y + floordiv(y, 4) - floordiv(y, 100) + floordiv(y, 400) + (153*(m - 3) + 2)/5 + day
  end function days

  pure integer function floordiv(a, b)
    integer, intent(in) :: a, b
    floordiv = (a - modulo(a, b))/b
  end function floordiv

end module run_calendar
